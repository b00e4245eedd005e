import SignetJOSE
import SignetSystem

/// A fresh token for a caller: `signet_` and 32 random bytes in base64url. The gateway needs its digest only.
///
/// The digest of a token ends with ``mark``: other tokens are drawn and thrown away. So a digest shows that its token was generated
/// and not made up by a person; the token still has 244 random bits. One of 4,096 other tokens has such a digest by chance.
package struct CallerToken {
    /// The token and a line end, for a file or a terminal.
    package let text: SecretBytes
    /// SHA-256 of the token in hexadecimal: `tokenSha256` in the configuration.
    package let digest: String

    /// The end of every digest, in hexadecimal.
    package static let mark = "000"

    /// Makes a token with OpenSSL's generator.
    package init() throws(SignetError) {
        while true {
            let text = try HS256Key.randomSecret().base64URLLine(prefix: "signet_")
            let digest = text.withUnsafeBytes { line in
                var digest = [UInt8](repeating: 0, count: SHA256.length)
                let done = SHA256.digest(UnsafeRawBufferPointer(rebasing: line.dropLast()), into: &digest)
                return done ? Hexadecimal.encode(digest) : nil
            }
            guard let digest else { throw SignetError(KeyFault.brokenLibrary, "OpenSSL could not compute a digest") }
            guard digest.hasSuffix(Self.mark) else { continue }
            (self.text, self.digest) = (text, digest)
            return
        }
    }
}
