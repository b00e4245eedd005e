import SignetSystem

/// How the text of an HMAC secret stands for its bytes. Vendors differ, so it is always said and never guessed.
public enum SecretEncoding: String, Sendable, CaseIterable {
    /// The characters themselves.
    case utf8
    /// RFC 4648 §4, with its padding.
    case base64
    /// RFC 4648 §5, without padding.
    case base64url
    /// Hexadecimal digits of either case.
    case hex

    /// The secret that `text` stands for. One final line end is taken for the file's and dropped.
    ///
    /// - Throws: ``SignetError`` where the text is a key of another kind, where white space, a control character or an invisible
    ///   one stands in it, or quotes around it, or a name in front of it, and where it is not in this encoding.
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

    /// What would be refused in a text that was not said to be in any encoding, besides what is in none.
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

    /// The other encoding that a `utf8` secret looks as if it were in: worth a warning, never a guess.
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
                hint: "say base64, base64url or hex, as the vendor does")
        }
        return SecretBytes(copying: bytes)
    }

    private static func base64(_ bytes: UnsafeRawBufferPointer) throws(SignetError) -> SecretBytes {
        let padding = bytes.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
        guard bytes.count.isMultiple(of: 4) else {
            throw SignetError(
                KeyFault.encoding, "the secret is not base64: its length is no multiple of 4",
                hint: "without padding, or with - and _, it is base64url")
        }
        if bytes.contains(where: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }) {
            throw SignetError(
                KeyFault.encoding, "the secret is not base64: it has - or _", hint: "say \"encoding\": \"base64url\"")
        }
        // Lazily, so that no second copy of the text is made.
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
            for index in memory.indices {
                guard let high = Hexadecimal.digit(bytes[2 * index]), let low = Hexadecimal.digit(bytes[2 * index + 1])
                else { throw SignetError(KeyFault.encoding, "the secret is not hexadecimal") }
                memory[index] = high << 4 | low
            }
            return memory.count
        }
    }
}
