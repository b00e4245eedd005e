import COpenSSL

/// Recognises key material that is not an HMAC secret: the way into the oldest of JWT's confusions.
enum AsymmetricMaterial {
    /// What the material is, in words, or nil for an ordinary secret. Space around it does not disguise it.
    static func found(in secret: SecretBytes) -> String? {
        secret.withUnsafeBytes { bytes in
            let material = trimmed(bytes)
            if let plain = plain(material) { return plain }
            if let decoded = fromBase64(material), let inside = decoded.withUnsafeBytes(plain) {
                return "the base64 of \(inside)"
            }
            if let decoded = fromHexadecimal(material), decoded.withUnsafeBytes(isDER) {
                return "the hexadecimal of a DER-encoded key"
            }
            return nil
        }
    }

    private static func plain(_ bytes: UnsafeRawBufferPointer) -> String? {
        if contains(bytes, "-----BEGIN ") { return "a PEM file" }
        if isSSHKey(bytes) { return "an SSH key" }
        if isJWK(bytes) { return "a JWK" }
        if isDER(bytes) { return "a DER-encoded key" }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte) || byte == 0
    }

    private static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let start = bytes.firstIndex { !isSpace($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isSpace($0) } ?? bytes.startIndex
        return UnsafeRawBufferPointer(rebasing: start <= end ? bytes[start...end] : bytes[..<0])
    }

    static func contains(_ bytes: UnsafeRawBufferPointer, _ marker: StaticString) -> Bool {
        let length = marker.utf8CodeUnitCount
        guard bytes.count >= length else { return false }
        let wanted = UnsafeRawBufferPointer(start: marker.utf8Start, count: length)
        return (0...(bytes.count - length)).contains { bytes[$0..<($0 + length)].elementsEqual(wanted) }
    }

    /// OpenSSH's public key lines, with options in front or without, and the forms of RFC 4716 and PuTTY. OpenSSH's
    /// private keys are PEM.
    private static func isSSHKey(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // Base64 of the length and the start of "ssh-rsa", "ssh-dss", "ssh-ed25519", "ecdsa-sha2-nistp256" and their
        // kind.
        let starts: [StaticString] = [
            "AAAAB3NzaC1", "AAAAC3NzaC1", "AAAACXNzaC1", "AAAAE2VjZHNhLXNoYTIt", "AAAAGnNrLX", "AAAAInNrLW",
        ]
        let forms: [StaticString] = ["---- BEGIN SSH2 ", "PuTTY-User-Key-File-", "-cert-v01@openssh.com AAAA"]
        return (starts + forms).contains { contains(bytes, $0) }
    }

    private static func isJWK(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // Not parsed: a JWK that is not strict JSON is no better as a secret, and parsing would copy it. In a list or a
        // string it is one too.
        guard let first = bytes.first, [UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\"")].contains(first) else {
            return false
        }
        return contains(bytes, "\"kty\"") || contains(bytes, "\\\"kty\\\"")
    }

    private static func fromBase64(_ bytes: UnsafeRawBufferPointer) -> SecretBytes? {
        // A DER key starts with a SEQUENCE, in base64 an M; a JWK with {, an e; a PEM file with -, an L.
        guard let first = bytes.first, ["M", "e", "L"].contains(Unicode.Scalar(first)), bytes.count >= 40 else {
            return nil
        }
        let text = bytes.lazy.filter { !isSpace($0) && $0 != UInt8(ascii: "=") }.map(Base64URL.urlCharacter(forPlain:))
        return try? SecretBytes(base64URL: text)
    }

    private static func fromHexadecimal(_ bytes: UnsafeRawBufferPointer) -> SecretBytes? {
        guard bytes.starts(with: "30".utf8), bytes.count >= 80 else { return nil }
        return try? SecretBytes(capacity: bytes.count / 2) { memory throws(KeyError) -> Int in
            var count = 0
            var high: UInt8?
            for byte in bytes where !isSpace(byte) && byte != UInt8(ascii: ":") {
                guard let digit = Hexadecimal.digit(byte) else { throw KeyError(.encoding, "not hexadecimal") }
                if let first = high {
                    memory[count] = first << 4 | digit
                    count += 1
                    high = nil
                } else {
                    high = digit
                }
            }
            return count
        }
    }

    /// Whether OpenSSL reads the bytes, or the first of them, as a public key, a private key or a certificate.
    private static func isDER(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // Most secrets end here: asking OpenSSL takes a hundred times as long.
        guard DER.startsWithValue(bytes), let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return false }
        defer { ERR_clear_error() }
        let readers: [(inout UnsafePointer<UInt8>?) -> Bool] = [
            { cursor in freeing(d2i_PUBKEY(nil, &cursor, bytes.count), EVP_PKEY_free) },
            { cursor in freeing(d2i_AutoPrivateKey(nil, &cursor, bytes.count), EVP_PKEY_free) },
            { cursor in freeing(d2i_PublicKey(EVP_PKEY_RSA, nil, &cursor, bytes.count), EVP_PKEY_free) },
            { cursor in freeing(d2i_X509(nil, &cursor, bytes.count), X509_free) },
            { cursor in freeing(d2i_PKCS8_PRIV_KEY_INFO(nil, &cursor, bytes.count), PKCS8_PRIV_KEY_INFO_free) },
            { cursor in freeing(d2i_X509_SIG(nil, &cursor, bytes.count), X509_SIG_free) },
        ]
        return readers.contains { reader in
            var cursor: UnsafePointer<UInt8>? = start
            return reader(&cursor)
        }
    }

    private static func freeing(_ object: OpaquePointer?, _ free: (OpaquePointer?) -> Void) -> Bool {
        guard let object else { return false }
        free(object)
        return true
    }
}
