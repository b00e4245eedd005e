import COpenSSL
import SignetSystem

/// HMAC-SHA-256 with pooled EVP_MAC contexts.
///
/// Re-initialising a context that has its key is the fastest way, but the first releases of OpenSSL 3.0 did nothing then
/// (openssl/openssl#17811). So each key is tested against one-shot `HMAC()` when it is loaded. If the test fails, each
/// operation duplicates a keyed template.
package final class MessageAuthentication: @unchecked Sendable {
    // Unchecked: the template is written only in the initialiser; OpenSSL's duplication reads it.
    private let template: OpaquePointer
    private let pool: ContextPool
    /// Whether contexts are re-initialised. Otherwise each operation takes a copy of the template.
    package let reinitialises: Bool

    /// - Parameter trustsReinitialisation: False makes each operation copy the template, without a test.
    package init(secret: SecretBytes, trustsReinitialisation: Bool = true) throws(SignetError) {
        defer { ERR_clear_error() }
        guard let template = Self.keyedContext(secret) else {
            throw SignetError(KeyFault.brokenLibrary, "OpenSSL has no HMAC with SHA-256")
        }
        nonisolated(unsafe) let source = template
        self.template = template
        pool = ContextPool(make: { EVP_MAC_CTX_dup(source) }, free: { EVP_MAC_CTX_free($0) })
        reinitialises = trustsReinitialisation && Self.proves(template, secret: secret, reinitialising: true)
        if !reinitialises && !Self.proves(template, secret: secret, reinitialising: false) {
            throw SignetError(
                KeyFault.brokenLibrary, "OpenSSL computes wrong HMACs", hint: "update OpenSSL to 3.0.3 or newer")
        }
    }

    deinit {
        EVP_MAC_CTX_free(template)
    }

    package func authenticate(_ input: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<UInt8>) -> Bool {
        if reinitialises {
            return pool.withContext { Self.reinitialisedMAC($0, input, output) }
        }
        return duplicatedMAC(input, output)
    }

    private func duplicatedMAC(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutablePointer<UInt8>) -> Bool {
        guard let context = EVP_MAC_CTX_dup(template) else {
            ERR_clear_error()
            return false
        }
        defer { EVP_MAC_CTX_free(context) }
        if Self.mac(context, input, output) { return true }
        ERR_clear_error()
        return false
    }

    private static func keyedContext(_ secret: SecretBytes) -> OpaquePointer? {
        guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil) else { return nil }
        defer { EVP_MAC_free(algorithm) }
        guard let context = EVP_MAC_CTX_new(algorithm) else { return nil }
        let keyed = secret.withUnsafeBytes { bytes in
            signet_hmac_sha256_init(context, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count) == 1
        }
        guard keyed else {
            EVP_MAC_CTX_free(context)
            return nil
        }
        return context
    }

    private static func mac(
        _ context: OpaquePointer, _ input: UnsafeRawBufferPointer, _ output: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        var length = 0
        return EVP_MAC_update(context, input.bindMemory(to: UInt8.self).baseAddress, input.count) == 1
            && EVP_MAC_final(context, output, &length, HS256Key.macLength) == 1
            && length == HS256Key.macLength
    }

    private static func reinitialisedMAC(
        _ context: OpaquePointer, _ input: UnsafeRawBufferPointer, _ output: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        EVP_MAC_init(context, nil, 0, nil) == 1 && mac(context, input, output)
    }

    /// Compares two MACs of one context with one-shot HMAC. OpenSSL's fault shows in the second.
    private static func proves(_ template: OpaquePointer, secret: SecretBytes, reinitialising: Bool) -> Bool {
        guard let shared = EVP_MAC_CTX_dup(template) else { return false }
        defer { EVP_MAC_CTX_free(shared) }
        return ["Signet proves its HMAC", "with a second message"].allSatisfy { message in
            var computed = [UInt8](repeating: 0, count: HS256Key.macLength)
            let done = Array(message.utf8).withUnsafeBytes { input in
                computed.withUnsafeMutableBufferPointer { output -> Bool in
                    guard let base = output.baseAddress else { return false }
                    if reinitialising { return reinitialisedMAC(shared, input, base) }
                    guard let context = EVP_MAC_CTX_dup(template) else { return false }
                    defer { EVP_MAC_CTX_free(context) }
                    return mac(context, input, base)
                }
            }
            return done && computed == oneShot(message, secret: secret)
        }
    }

    private static func oneShot(_ message: String, secret: SecretBytes) -> [UInt8]? {
        var output = [UInt8](repeating: 0, count: HS256Key.macLength)
        var length: UInt32 = 0
        let message = Array(message.utf8)
        let done = secret.withUnsafeBytes { key -> UnsafeMutablePointer<UInt8>? in
            guard let keyLength = Int32(exactly: key.count) else { return nil }
            return HMAC(EVP_sha256(), key.baseAddress, keyLength, message, message.count, &output, &length)
        }
        return done != nil && length == HS256Key.macLength ? output : nil
    }
}

extension Memory {
    /// Compares two areas of memory. The time depends only on their lengths.
    package static func equalInConstantTime(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return true }
        return CRYPTO_memcmp(leftBase, rightBase, left.count) == 0
    }
}

extension SecretBytes {
    /// Whether two secrets are the same bytes, in constant time.
    public func hasSameBytes(as other: SecretBytes) -> Bool {
        withUnsafeBytes { own in other.withUnsafeBytes { Memory.equalInConstantTime(own, $0) } }
    }
}

/// SHA-256, computed by OpenSSL.
package enum SHA256 {
    /// The length of a digest in bytes.
    package static let length = 32

    // Fetched once, because each use of EVP_sha256() looks the algorithm up again.
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
