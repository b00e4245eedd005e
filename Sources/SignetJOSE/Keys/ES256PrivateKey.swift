import COpenSSL
import SignetSystem

/// A private key on P-256 for ES256 (RFC 7518 §3.4). It signs, and its public half verifies.
///
/// Signing is thread-safe and takes no shared lock.
public final class ES256PrivateKey: Sendable {
    /// The forms in which a private key is written.
    public enum Format: String, Sendable, CaseIterable {
        /// `BEGIN PRIVATE KEY` (RFC 5958).
        case pkcs8
        /// `BEGIN EC PRIVATE KEY` (RFC 5915), as `openssl ecparam -genkey` writes it.
        case sec1
    }

    /// The `kid` of the tokens that this key signs; nil for none.
    public let keyID: String?
    /// The public half.
    public let publicKey: ES256PublicKey
    private let key: EllipticCurveKey
    private let contexts: ContextPool

    init(_ key: EllipticCurveKey, keyID: String?) throws(SignetError) {
        guard let coordinates = key.publicCoordinates, key.isPrivate else {
            throw SignetError(KeyFault.wrongKind, "this is a public key; a private key is needed")
        }
        self.key = key
        self.keyID = keyID
        let half = try EllipticCurveKey.make(x: coordinates.x, y: coordinates.y, privateNumber: nil)
        publicKey = try ES256PublicKey(half, keyID: keyID)
        contexts = ContextPool(
            make: {
                guard let context = EVP_PKEY_CTX_new_from_pkey(nil, key.handle, nil) else { return nil }
                if EVP_PKEY_sign_init(context) == 1 { return context }
                EVP_PKEY_CTX_free(context)
                return nil
            },
            free: { EVP_PKEY_CTX_free($0) })
    }

    /// A new key from OpenSSL's generator.
    public static func generate(keyID: String? = nil) throws(SignetError) -> ES256PrivateKey {
        try ES256PrivateKey(try EllipticCurveKey.generate(), keyID: keyID)
    }

    /// Reads a PEM file (SEC1 or PKCS#8, plain or encrypted) or a JWK with its private member.
    ///
    /// - Throws: ``SignetError``; a curve other than P-256 is refused by name.
    public convenience init(
        contents: SecretBytes, passphrase: SecretBytes? = nil, keyID: String? = nil
    ) throws(SignetError) {
        let found = try KeyFile.read(contents, passphrase: passphrase)
        switch found {
        case .privateKey(let key, let ownID): try self.init(key, keyID: keyID ?? ownID)
        case .publicKey: throw SignetError(KeyFault.wrongKind, "this is a public key; a private key is needed")
        case .secret: throw SignetError(KeyFault.wrongKind, "this is an HMAC secret; a private key is needed")
        }
    }

    /// The private key as PEM.
    public func pem(_ format: Format = .pkcs8) throws(SignetError) -> SecretBytes {
        let written = PEM.written { sink in
            switch format {
            case .pkcs8: PEM_write_bio_PKCS8PrivateKey(sink, key.handle, nil, nil, 0, nil, nil)
            case .sec1: PEM_write_bio_PrivateKey_traditional(sink, key.handle, nil, nil, 0, nil, nil)
            }
        }
        guard let written else { throw SignetError(KeyFault.brokenLibrary, "OpenSSL could not write the key") }
        return written
    }

    /// Writes the 64 bytes r ‖ s over `input` (RFC 7518 §3.4).
    package func sign(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Bool {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: SHA256.length + ECDSASignature.maximumDERLength) {
            scratch in
            guard let digest = scratch.baseAddress, SHA256.digest(input, into: digest) else { return false }
            let encoded = digest + SHA256.length
            var length = ECDSASignature.maximumDERLength
            let signed = contexts.withContext {
                EVP_PKEY_sign($0, encoded, &length, digest, SHA256.length) == 1
            }
            return signed
                && ECDSASignature.copy(der: UnsafeRawBufferPointer(start: encoded, count: length), into: output)
        }
    }

    /// The private number, for writing a JWK.
    var privateNumber: SecretBytes? { key.privateNumber }
}
