import SignetSystem

/// What may not stand in the text of a secret: a vendor never means it, and editors, shells and browsers add it unseen.
enum SecretText {
    /// - Throws: ``SignetError`` that names what stands there, and nothing of the secret.
    static func check(_ bytes: UnsafeRawBufferPointer) throws(SignetError) {
        if SqueezedText.isUTF16(bytes) { throw SecretEncoding.utf16 }
        if let fault = wrapping(of: bytes) {
            throw SignetError(
                KeyFault.encoding, fault, hint: "remove what stands around it, for that would be part of the secret")
        }
        var place = 0
        var offset = 0
        var first: (scalar: Unicode.Scalar, place: Int)?
        // Bytes that are not UTF-8 are left to the encoding.
        while let (scalar, length) = SqueezedText.scalar(bytes[offset...]) {
            place += 1
            offset += length
            guard scalar.isInvisible || scalar.properties.isWhitespace else { continue }
            if place == 1 || offset == bytes.count { throw edge(scalar) }
            // A space that can be seen is part of a passphrase.
            if scalar != " " { first = first ?? (scalar, place) }
        }
        guard let first else { return }
        throw SignetError(
            KeyFault.encoding, "\(name(first.scalar)) stands in the secret, as character \(first.place)",
            hint: ["\n", "\r"].contains(first.scalar)
                ? "a secret is one line; base64 -w0 writes base64 on one"
                : "remove it; a secret that really has it can be given as hex or base64, with its \"encoding\"")
    }

    private static func edge(_ scalar: Unicode.Scalar) -> SignetError {
        let dropped = "one final line end is dropped; remove the rest, for it would be part of the secret"
        return SignetError(
            KeyFault.edgeSpace, "\(name(scalar)) stands at the edge of the secret", hint: dropped)
    }

    private static func name(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return switch scalar {
        case " ": "a space"
        case "\t": "a tab"
        case "\n", "\r": "a line break"
        case "\0": "a NUL (U+0000)"
        case "\u{A0}": "a no-break space (U+00A0)"
        case "\u{200B}": "a zero-width space (U+200B)"
        case "\u{FEFF}": "a byte order mark (U+FEFF)"
        case _ where scalar.properties.isWhitespace && !scalar.isControl: "a space of another kind (\(code))"
        case _ where scalar.isControl: "a control character (\(code))"
        default: "an invisible character (\(code))"
        }
    }

    // MARK: What stands around

    private static func wrapping(of bytes: UnsafeRawBufferPointer) -> String? {
        let pairs: [(StaticString, StaticString)] = [
            ("\"", "\""), ("'", "'"), ("`", "`"), ("\u{201C}", "\u{201D}"), ("\u{2018}", "\u{2019}"),
            ("\u{201E}", "\u{201C}"), ("\u{201D}", "\u{201D}"), ("\u{2019}", "\u{2019}"), ("\u{AB}", "\u{BB}"),
        ]
        for (left, right) in pairs {
            let (left, right) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
            if bytes.count > left.count + right.count, bytes.starts(with: left),
                bytes.suffix(right.count).elementsEqual(right)
            {
                return "quotes stand around the secret"
            }
        }
        return hasName(bytes) ? "a name and = stand in front of the secret" : nil
    }

    /// `NAME=`, as files of variables have it. Few secrets begin like that by chance: a name is of capitals, or says what
    /// it is of.
    private static func hasName(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let export = "export "
        let line = bytes.dropFirst(bytes.starts(with: export.utf8) ? export.utf8.count : 0)
        let name = line.prefix { $0 == UInt8(ascii: "_") || isLetter($0) || isDigit($0) }
        let rest = line.dropFirst(name.count)
        guard name.count >= 3, name.first.map(isDigit) == false, rest.first == UInt8(ascii: "="),
            // The padding of base64 is no name's.
            let next = rest.dropFirst().first, next != UInt8(ascii: "=")
        else { return false }
        if line.startIndex > 0 || name.allSatisfy({ !isLetter($0) || $0 & 0x20 == 0 }) { return true }
        let words: [StaticString] = ["secret", "key", "token", "password", "jwt", "hmac"]
        return words.contains(where: UnsafeRawBufferPointer(rebasing: name).contains)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate init(_ text: StaticString) {
        self.init(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
}
