import SignetJOSE

/// A fresh token for a caller: `signet_` and 32 random bytes in base64url. The gateway needs its digest alone.
package struct CallerToken {
    /// The token and a line end, for a file or a terminal.
    package let text: SecretBytes
    /// SHA-256 of the token in hexadecimal: `tokenSha256` in the configuration.
    package let digest: String

    /// Makes one, of OpenSSL's generator.
    package init() throws(KeyError) {
        text = try HS256Key.randomSecret().base64URLLine(prefix: "signet_")
        digest = text.withUnsafeBytes { line in
            var digest = [UInt8](repeating: 0, count: SHA256.length)
            _ = SHA256.digest(UnsafeRawBufferPointer(rebasing: line.dropLast()), into: &digest)
            return Hexadecimal.encode(digest)
        }
    }
}
