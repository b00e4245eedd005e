import COpenSSL

/// Recognises key material that is not an HMAC secret: the way into the oldest of JWT's confusions.
enum AsymmetricMaterial {
    /// What the material is, in words, or nil for an ordinary secret.
    static func found(in secret: SecretBytes) -> String? {
        secret.withUnsafeBytes { bytes in
            if contains(bytes, "-----BEGIN ") { return "a PEM file" }
            if isSSHPublicKey(bytes) { return "an SSH public key" }
            if isJWK(bytes) { return "a JWK" }
            if isDER(bytes) { return "a DER-encoded key" }
            if isBase64OfDER(bytes) { return "the base64 of a DER-encoded key" }
            return nil
        }
    }

    private static func contains(_ bytes: UnsafeRawBufferPointer, _ marker: StaticString) -> Bool {
        let length = marker.utf8CodeUnitCount
        guard bytes.count >= length else { return false }
        let wanted = UnsafeRawBufferPointer(start: marker.utf8Start, count: length)
        return (0...(bytes.count - length)).contains { bytes[$0..<($0 + length)].elementsEqual(wanted) }
    }

    private static func isSSHPublicKey(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let prefixes: [StaticString] = ["ssh-rsa ", "ssh-dss ", "ssh-ed25519 ", "ssh-ed448 ", "ecdsa-sha2-", "sk-"]
        let isKeyLine = prefixes.contains { prefix in
            prefix.withUTF8Buffer { bytes.starts(with: $0) }
        }
        return isKeyLine && contains(bytes, " AAAA")
    }

    private static func isJWK(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard first == UInt8(ascii: "{"), let value = try? JSONReader.value(bytes) else { return false }
        return value["kty"] != nil || value["keys"] != nil
    }

    private static func isBase64OfDER(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // Every DER key of more than 128 bytes or so starts with a SEQUENCE, in base64 an M.
        guard bytes.first == UInt8(ascii: "M"), bytes.count >= 40 else { return false }
        let text = bytes.filter { ![0x0A, 0x0D, UInt8(ascii: "=")].contains($0) }.map { byte in
            byte == UInt8(ascii: "+") ? UInt8(ascii: "-") : byte == UInt8(ascii: "/") ? UInt8(ascii: "_") : byte
        }
        guard let decoded = try? Base64URL.decode(text) else { return false }
        return decoded.withUnsafeBytes(isDER)
    }

    /// Whether OpenSSL reads the bytes, and all of them, as a public key, a private key or a certificate.
    private static func isDER(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.first == 0x30, let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return false }
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
            return reader(&cursor) && cursor == start + bytes.count
        }
    }

    private static func freeing(_ object: OpaquePointer?, _ free: (OpaquePointer?) -> Void) -> Bool {
        guard let object else { return false }
        free(object)
        return true
    }
}
