import SignetSystem

/// The encoding of an HMAC secret's text. Vendors differ, so the configuration has to name it; it is never guessed.
public enum SecretEncoding: String, Sendable, CaseIterable {
    /// The characters themselves.
    case utf8
    /// RFC 4648 §4, with its padding.
    case base64
    /// RFC 4648 §5, without padding.
    case base64url
    /// Hexadecimal digits of either case.
    case hex

    /// Decodes a secret. One final line end belongs to the file and is dropped.
    ///
    /// - Throws: ``SignetError`` for a key of another kind, for a text that is not in this encoding, and for a text with white
    ///   space, a control character or an invisible character in it, quotes around it, or a name before it.
    public func decode(_ text: SecretBytes) throws(SignetError) -> SecretBytes {
        try AsymmetricMaterial.refuse(in: text)
        return try text.withUnsafeBytes { bytes throws(SignetError) -> SecretBytes in
            let content = Self.withoutLineEnd(bytes)
            guard !content.isEmpty else { throw SignetError(KeyFault.empty, "the secret is empty") }
            try SecretText.check(content)
            switch self {
            case .utf8: return try Self.checkedUTF8(content)
            case .base64: return try Self.base64(content)
            case .base64url: return try Self.base64url(content, named: "base64url")
            case .hex: return try Self.hexadecimal(content)
            }
        }
    }

    /// The error for which ``decode(_:)`` would refuse the text in every encoding.
    package static func doubt(about text: SecretBytes) -> SignetError? {
        text.withUnsafeBytes { bytes in
            do throws(SignetError) {
                try SecretText.check(withoutLineEnd(bytes))
                return nil
            } catch {
                return error
            }
        }
    }

    static let utf16 = SignetError(
        KeyFault.encoding, "this is text in UTF-16", hint: "save it as UTF-8, with iconv -f UTF-16 -t UTF-8")

    /// The bytes less one final LF or CRLF.
    package static func withoutLineEnd(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var end = bytes.count
        if end > 0, bytes[end - 1] == 0x0A {
            end -= 1
            if end > 0, bytes[end - 1] == 0x0D { end -= 1 }
        }
        return UnsafeRawBufferPointer(rebasing: bytes[..<end])
    }

    /// Another encoding that a `utf8` secret seems to have. For a warning only.
    package static func lookalike(of secret: SecretBytes) -> SecretEncoding? {
        secret.withUnsafeBytes { bytes in
            if bytes.count >= 32, bytes.count.isMultiple(of: 2), bytes.allSatisfy({ Hexadecimal.digit($0) != nil }) {
                return .hex
            }
            guard bytes.count >= 24 else { return nil }
            if let decoded = try? base64(bytes), decoded.count >= 16 { return .base64 }
            if let decoded = try? SecretBytes(base64URL: bytes), decoded.count >= 16 { return .base64url }
            return nil
        }
    }

    private static func checkedUTF8(_ bytes: UnsafeRawBufferPointer) throws(SignetError) -> SecretBytes {
        guard (try? UTF8Span(validating: bytes.bindMemory(to: UInt8.self).span)) != nil else {
            throw SignetError(
                KeyFault.encoding, "the secret is not valid UTF-8",
                hint: "set \"encoding\" to base64, base64url or hex, as the vendor's documents say")
        }
        return SecretBytes(copying: bytes)
    }

    private static func base64(_ bytes: UnsafeRawBufferPointer) throws(SignetError) -> SecretBytes {
        let padding = bytes.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
        guard bytes.count.isMultiple(of: 4) else {
            throw SignetError(
                KeyFault.encoding, "the secret is not base64: its length is not a multiple of 4",
                hint: "without padding, or with - and _, it is base64url")
        }
        if bytes.contains(where: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }) {
            throw SignetError(
                KeyFault.encoding, "the secret is not base64: it has - or _", hint: "set \"encoding\": \"base64url\"")
        }
        // `lazy` makes no copy of the text.
        let text = bytes.dropLast(padding).lazy.map(Base64URL.urlCharacter(forPlain:))
        return try base64url(text, named: "base64")
    }

    private static func base64url(
        _ text: some Collection<UInt8>, named name: String
    ) throws(SignetError) -> SecretBytes {
        do {
            return try SecretBytes(base64URL: text)
        } catch {
            throw SignetError(KeyFault.encoding, "the secret is not \(name): \(error)")
        }
    }

    private static func hexadecimal(_ bytes: UnsafeRawBufferPointer) throws(SignetError) -> SecretBytes {
        guard bytes.count.isMultiple(of: 2) else {
            throw SignetError(KeyFault.encoding, "the secret is not hexadecimal: its length is odd")
        }
        return try SecretBytes(capacity: bytes.count / 2) { memory throws(SignetError) -> Int in
            guard Hexadecimal.decode(bytes, into: memory) else {
                throw SignetError(KeyFault.encoding, "the secret is not hexadecimal")
            }
            return memory.count
        }
    }
}

/// Refuses characters that editors, shells and browsers add to a secret unseen, and that no vendor puts into one.
enum SecretText {
    /// - Throws: ``SignetError`` that names the character or the wrapping, and contains nothing of the secret.
    static func check(_ bytes: UnsafeRawBufferPointer) throws(SignetError) {
        if NormalisedText.isUTF16(bytes) { throw SecretEncoding.utf16 }
        if let fault = wrapping(of: bytes) {
            throw SignetError(
                KeyFault.encoding, fault, hint: "remove them, because they would become part of the secret")
        }
        var place = 0
        var offset = 0
        var first: (scalar: Unicode.Scalar, place: Int)?
        // Bytes that are not UTF-8 are checked by the decoder of the encoding.
        while let (scalar, length) = NormalisedText.scalar(bytes[offset...]) {
            place += 1
            offset += length
            guard scalar.isInvisible || scalar.properties.isWhitespace else { continue }
            if place == 1 || offset == bytes.count { throw edge(scalar) }
            // An ordinary space can be part of a passphrase.
            if scalar != " " { first = first ?? (scalar, place) }
        }
        guard let first else { return }
        throw SignetError(
            KeyFault.encoding, "the secret contains \(name(first.scalar)), as character \(first.place)",
            hint: ["\n", "\r"].contains(first.scalar)
                ? "a secret is one line; base64 -w0 writes base64 on one"
                : "remove it; if the secret really has it, write the secret as hex or base64 and set \"encoding\"")
    }

    private static func edge(_ scalar: Unicode.Scalar) -> SignetError {
        let dropped = "only one final line end is dropped; remove the rest, which would become part of the secret"
        return SignetError(
            KeyFault.edgeSpace, "the secret starts or ends with \(name(scalar))", hint: dropped)
    }

    private static func name(_ scalar: Unicode.Scalar) -> String {
        let code = "U+" + Hexadecimal.codePoint(scalar.value, uppercase: true)
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

    // MARK: Wrappings

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
                return "the secret is in quotes"
            }
        }
        return hasName(bytes) ? "the secret starts with a name and =" : nil
    }

    /// Whether the text starts with `NAME=`, as in a file of environment variables. To spare secrets that start like that
    /// by chance, the name has to be in capitals or contain a word such as `secret`.
    private static func hasName(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let export = "export "
        let line = bytes.dropFirst(bytes.starts(with: export.utf8) ? export.utf8.count : 0)
        let name = line.prefix { $0 == UInt8(ascii: "_") || isLetter($0) || isDigit($0) }
        let rest = line.dropFirst(name.count)
        guard name.count >= 3, name.first.map(isDigit) == false, rest.first == UInt8(ascii: "="),
            // Two = are base64 padding, not an assignment.
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
