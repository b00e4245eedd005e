import COpenSSL
import SignetSystem

/// Finds and reads the blocks of a PEM file (RFC 7468).
enum PEM {
    /// A block's label and its bytes in the file.
    struct Block: Equatable {
        let label: String
        let range: Range<Int>
    }

    /// The labels that hold a private key.
    static let privateLabels = ["EC PRIVATE KEY", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"]
    /// The label that holds a public key.
    static let publicLabel = "PUBLIC KEY"

    /// The blocks of a file in their order. Text between blocks is explanatory and ignored (RFC 7468 §5.2).
    static func blocks(in bytes: UnsafeRawBufferPointer) throws(SignetError) -> [Block] {
        var blocks: [Block] = []
        var open: (label: String, start: Int)?
        var lineStart = 0
        while lineStart < bytes.count {
            let lineEnd = bytes[lineStart...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            let line = bytes[lineStart..<lineEnd]
            if let label = try label(of: line, after: "-----BEGIN ") {
                if open != nil { throw unmatched(in: bytes) }
                open = (label, lineStart)
            } else if let label = try label(of: line, after: "-----END ") {
                guard let begun = open, begun.label == label else { throw unmatched(in: bytes) }
                blocks.append(Block(label: label, range: begun.start..<lineEnd))
                open = nil
            }
            lineStart = lineEnd + 1
        }
        if open != nil { throw unmatched(in: bytes) }
        return blocks
    }

    /// The error of a BEGIN or END line without its counterpart.
    private static func unmatched(in bytes: UnsafeRawBufferPointer) -> SignetError {
        // A file of environment variables has quotes around the PEM text, or NAME= before it.
        let begins = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { $0.contains("-----BEGIN ") }
        if begins.contains(where: { !$0.hasPrefix("-----BEGIN ") }) {
            return SignetError(
                KeyFault.damaged, "there is text before -----BEGIN on its line",
                hint: "remove it, and the text after -----END: quotes and NAME= are not part of a PEM file")
        }
        return SignetError(
            KeyFault.damaged, "the PEM file is cut off: a BEGIN line has no matching END line",
            hint: "copy the whole file, from -----BEGIN to -----END")
    }

    private static func label(
        of line: Slice<UnsafeRawBufferPointer>, after prefix: String
    ) throws(SignetError) -> String? {
        guard line.starts(with: prefix.utf8), line.count <= 80 else { return nil }
        let text = String(decoding: line, as: UTF8.self).trimmingSpaceAtEnd
        guard text.hasSuffix("-----") else { return nil }
        // RFC 7468 §3 allows only these characters, and messages quote the label.
        guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw SignetError(
                KeyFault.damaged, "a BEGIN or END line of the PEM file has a character that is not allowed there",
                hint: "the label is printable ASCII: -----BEGIN PRIVATE KEY-----")
        }
        return String(text.dropFirst(prefix.count).dropLast(5))
    }

    /// Reads the private key of a block.
    static func privateKey(
        in block: UnsafeRawBufferPointer, passphrase: SecretBytes?
    ) throws(SignetError) -> EllipticCurveKey {
        defer { ERR_clear_error() }
        try checkContent(of: block)
        let source = try reader(of: block)
        defer { BIO_free(source) }
        var attempt = PassphraseAttempt(passphrase: passphrase)
        let handle = withUnsafeMutablePointer(to: &attempt) { attempt in
            PEM_read_bio_PrivateKey(source, nil, providePassphrase, attempt)
        }
        if let handle { return try EllipticCurveKey(adopting: handle) }
        guard attempt.wasAsked else {
            throw SignetError(KeyFault.damaged, "the private key inside the PEM file is damaged")
        }
        guard passphrase != nil else {
            throw SignetError(
                KeyFault.encrypted, "the private key is encrypted and no passphrase was given",
                hint: "in the configuration: \"passphrase\": { \"file\": … } or { \"env\": … }")
        }
        throw SignetError(
            KeyFault.wrongPassphrase, "the passphrase does not open the private key",
            hint: "if it is right, the cipher is one that OpenSSL 3 no longer loads: openssl pkcs8 -topk8 -in FILE")
    }

    /// Reads the public key of a block.
    static func publicKey(in block: UnsafeRawBufferPointer) throws(SignetError) -> EllipticCurveKey {
        defer { ERR_clear_error() }
        try checkContent(of: block)
        let source = try reader(of: block)
        defer { BIO_free(source) }
        guard let handle = PEM_read_bio_PUBKEY(source, nil, providePassphrase, nil) else {
            throw SignetError(KeyFault.damaged, "the public key inside the PEM file is damaged")
        }
        return try EllipticCurveKey(adopting: handle)
    }

    private static func reader(of block: UnsafeRawBufferPointer) throws(SignetError) -> OpaquePointer {
        guard let length = Int32(exactly: block.count), let source = BIO_new_mem_buf(block.baseAddress, length) else {
            throw SignetError(KeyFault.damaged, "the PEM file is larger than any key")
        }
        return source
    }

    /// Refuses bytes after the value of a block. OpenSSL ignores them.
    private static func checkContent(of block: UnsafeRawBufferPointer) throws(SignetError) {
        let source = try reader(of: block)
        defer { BIO_free(source) }
        var label: UnsafeMutablePointer<CChar>?
        var header: UnsafeMutablePointer<CChar>?
        var content: UnsafeMutablePointer<UInt8>?
        var length = 0
        // A block that fails here also fails as a key, and is refused then.
        let found = PEM_read_bio_ex(source, &label, &header, &content, &length, UInt32(PEM_FLAG_SECURE))
        guard found == 1 else { return }
        defer {
            CRYPTO_secure_free(label, nil, 0)
            CRYPTO_secure_free(header, nil, 0)
            CRYPTO_secure_clear_free(content, length, nil, 0)
        }
        // A block with a header is encrypted (RFC 1421), so its content is not DER.
        let isEncrypted = header.map { $0.pointee != 0 } ?? false
        guard isEncrypted || DER.isOneValue(UnsafeRawBufferPointer(start: content, count: length)) else {
            throw SignetError(KeyFault.damaged, "the PEM block does not hold one DER value and nothing else")
        }
    }

    /// Lets OpenSSL write PEM into memory that is cleansed.
    static func written(_ write: (OpaquePointer?) -> Int32) -> SecretBytes? {
        let sink = BIO_new(BIO_s_secmem())
        defer { BIO_free(sink) }
        guard write(sink) == 1 else {
            ERR_clear_error()
            return nil
        }
        var start: UnsafeMutablePointer<CChar>?
        let length = signet_bio_mem_data(sink, &start)
        return SecretBytes(copying: UnsafeRawBufferPointer(start: start, count: length))
    }
}

/// The argument of OpenSSL's passphrase callback; it records whether OpenSSL asked.
private struct PassphraseAttempt {
    let passphrase: SecretBytes?
    var wasAsked = false
}

/// Replaces OpenSSL's default callback, which asks on the terminal.
private func providePassphrase(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int32, _ writing: Int32, _ user: UnsafeMutableRawPointer?
) -> Int32 {
    guard let buffer, let attempt = user?.assumingMemoryBound(to: PassphraseAttempt.self) else { return -1 }
    attempt.pointee.wasAsked = true
    guard let passphrase = attempt.pointee.passphrase, passphrase.count <= size else { return -1 }
    passphrase.withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(start: buffer, count: bytes.count).copyMemory(from: bytes)
    }
    return Int32(passphrase.count)
}

extension String {
    /// The text without spaces, tabs and carriage returns at its end.
    var trimmingSpaceAtEnd: String {
        String(decoding: utf8.reversed().drop { [0x20, 0x09, 0x0D].contains($0) }.reversed(), as: UTF8.self)
    }
}

/// The part of DER (X.690 §8.1) that finds the end of a value.
enum DER {
    /// Whether the bytes are exactly one SEQUENCE.
    static func isOneValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
        valueLength(bytes) == bytes.count
    }

    /// Whether the bytes start with a whole SEQUENCE.
    static func startsWithValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
        valueLength(bytes).map { $0 <= bytes.count } ?? false
    }

    /// The length of the SEQUENCE at the start, including its header.
    private static func valueLength(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 2, bytes[0] == 0x30 else { return nil }
        guard bytes[1] >= 0x80 else { return 2 + Int(bytes[1]) }
        let lengthBytes = Int(bytes[1] & 0x7F)
        guard (1...4).contains(lengthBytes), bytes.count >= 2 + lengthBytes else { return nil }
        return 2 + lengthBytes + bytes[2..<(2 + lengthBytes)].reduce(0) { $0 << 8 | Int($1) }
    }
}
