import COpenSSL

/// SHA-256 by OpenSSL.
package enum SHA256 {
    /// The length of a digest in bytes.
    package static let length = 32

    // Fetched once: EVP_sha256() would be looked up anew at each use.
    private nonisolated(unsafe) static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

    /// Writes the digest of `input`.
    package static func digest(_ input: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<UInt8>) -> Bool {
        EVP_Digest(input.baseAddress, input.count, output, nil, algorithm, nil) == 1
    }

    /// The digest of `bytes`.
    package static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: length)
        let done = bytes.withUnsafeBytes { digest($0, into: &output) }
        precondition(done, "OpenSSL has no SHA-256")
        return output
    }
}
