import COpenSSL
import SignetSystem

/// Finds and reads the blocks of a PEM file (RFC 7468).
enum PEM {
    /// A block's label and where it stands in the file.
    struct Block: Equatable {
        let label: String
        let range: Range<Int>
    }

    /// The labels that hold a private key.
    static let privateLabels = ["EC PRIVATE KEY", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"]
    /// The label that holds a public key.
    static let publicLabel = "PUBLIC KEY"

    /// The blocks of a file in their order. Text between blocks is taken for explanation (RFC 7468 §5.2).
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

    /// A BEGIN or an END line is without the other.
    private static func unmatched(in bytes: UnsafeRawBufferPointer) -> SignetError {
        // Quotes around it, or NAME= in front, as a file of variables has them.
        let begins = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { $0.contains("-----BEGIN ") }
        if begins.contains(where: { !$0.hasPrefix("-----BEGIN ") }) {
            return SignetError(
                KeyFault.damaged, "something stands in front of -----BEGIN on its line",
                hint: "remove it, and what stands behind -----END: quotes and NAME= are not part of a PEM file")
        }
        return SignetError(
            KeyFault.damaged, "the PEM file is cut off: a BEGIN line has no END line of its own",
            hint: "copy the whole file, from -----BEGIN to -----END")
    }

    private static func label(
        of line: Slice<UnsafeRawBufferPointer>, after prefix: String
    ) throws(SignetError) -> String? {
        guard line.starts(with: prefix.utf8), line.count <= 80 else { return nil }
        let text = String(decoding: line, as: UTF8.self).trimmingSpaceAtEnd
        guard text.hasSuffix("-----") else { return nil }
        // RFC 7468 §3 allows no others, and the label is quoted in messages.
        guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw SignetError(
                KeyFault.damaged, "a BEGIN or END line of the PEM file holds a character that cannot stand there",
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

    /// OpenSSL reads the value at the front of a block and overlooks what follows it. Here nothing may follow.
    private static func checkContent(of block: UnsafeRawBufferPointer) throws(SignetError) {
        let source = try reader(of: block)
        defer { BIO_free(source) }
        var label: UnsafeMutablePointer<CChar>?
        var header: UnsafeMutablePointer<CChar>?
        var content: UnsafeMutablePointer<UInt8>?
        var length = 0
        // What cannot be taken apart here cannot be read as a key either, and is refused there.
        let found = PEM_read_bio_ex(source, &label, &header, &content, &length, UInt32(PEM_FLAG_SECURE))
        guard found == 1 else { return }
        defer {
            CRYPTO_secure_free(label, nil, 0)
            CRYPTO_secure_free(header, nil, 0)
            CRYPTO_secure_clear_free(content, length, nil, 0)
        }
        // A header says that the content is encrypted in the way of RFC 1421: it is no DER yet.
        let isEncrypted = header.map { $0.pointee != 0 } ?? false
        guard isEncrypted || DER.isOneValue(UnsafeRawBufferPointer(start: content, count: length)) else {
            throw SignetError(KeyFault.damaged, "the PEM block does not hold one DER value and nothing else")
        }
    }

    /// Has OpenSSL write PEM into memory that is cleansed.
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

/// What OpenSSL's passphrase callback is given, and whether it was called.
private struct PassphraseAttempt {
    let passphrase: SecretBytes?
    var wasAsked = false
}

/// OpenSSL's own callback would ask on the terminal; this one never does.
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
    /// Without spaces, tabs and carriage returns at its end.
    var trimmingSpaceAtEnd: String {
        String(decoding: utf8.reversed().drop { [0x20, 0x09, 0x0D].contains($0) }.reversed(), as: UTF8.self)
    }
}
