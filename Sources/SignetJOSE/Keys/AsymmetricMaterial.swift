import COpenSSL

/// Recognises key material that is not an HMAC secret: the way into the oldest of JWT's confusions.
enum AsymmetricMaterial {
    /// What the material is, in words, or nil for an ordinary secret.
    static func found(in secret: SecretBytes) -> String? {
        secret.withUnsafeBytes { bytes in
            if contains(bytes, "-----BEGIN ") { return "a PEM file" }
            if bytes.starts(with: "LS0tLS1CRUdJTi".utf8) { return "the base64 of a PEM file" }
            if isSSHKey(bytes) { return "an SSH key" }
            if isJWK(bytes) { return "a JWK" }
            if isDER(bytes) { return "a DER-encoded key" }
            if isBase64OfDER(bytes) { return "the base64 of a DER-encoded key" }
            return nil
        }
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
        // Not parsed: a JWK that is not strict JSON is no better as a secret, and parsing would copy it.
        let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return first == UInt8(ascii: "{") && contains(bytes, "\"kty\"")
    }

    private static func isBase64OfDER(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // Every DER key is a SEQUENCE, 0x30, whose first six bits are base64's M.
        guard bytes.first == UInt8(ascii: "M"), bytes.count >= 40 else { return false }
        let text = bytes.lazy.filter { ![0x0A, 0x0D, UInt8(ascii: "=")].contains($0) }
            .map(Base64URL.urlCharacter(forPlain:))
        guard let decoded = try? SecretBytes(base64URL: text) else { return false }
        return decoded.withUnsafeBytes(isDER)
    }

    /// Whether OpenSSL reads the bytes, and all of them, as a public key, a private key or a certificate.
    private static func isDER(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // Most secrets end here: asking OpenSSL takes a hundred times as long.
        guard DER.isOneValue(bytes), let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return false }
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
