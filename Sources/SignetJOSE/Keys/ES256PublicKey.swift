import COpenSSL
import SignetSystem

/// A public key on P-256 for ES256. It only verifies.
public final class ES256PublicKey: Sendable {
    /// The `kid` that a token has to have, if it has one at all.
    public let keyID: String?
    /// The coordinates of the point, 32 bytes each.
    package let coordinates: (x: [UInt8], y: [UInt8])
    private let key: EllipticCurveKey

    init(_ key: EllipticCurveKey, keyID: String?) throws(SignetError) {
        guard let coordinates = key.publicCoordinates else {
            throw SignetError(KeyFault.inconsistent, "this key has no public point")
        }
        self.key = key
        self.keyID = keyID
        self.coordinates = coordinates
    }

    /// Reads an SPKI PEM file or a public JWK.
    ///
    /// - Throws: ``SignetError``; a private key is refused, because a verifier does not need one.
    public convenience init(contents: some Collection<UInt8>, keyID: String? = nil) throws(SignetError) {
        let found = try KeyFile.read(SecretBytes(copying: contents), passphrase: nil)
        switch found {
        case .publicKey(let key, let ownID): try self.init(key, keyID: keyID ?? ownID)
        case .privateKey: throw SignetError(KeyFault.wrongKind, "this is a private key; a public key is needed")
        case .secret: throw SignetError(KeyFault.wrongKind, "this is an HMAC secret; a public key is needed")
        }
    }

    /// The key as SPKI PEM, `BEGIN PUBLIC KEY` (RFC 7468 §13). Vendors' consoles take this form.
    public func pem() throws(SignetError) -> String {
        guard let written = PEM.written({ PEM_write_bio_PUBKEY($0, key.handle) }) else {
            throw SignetError(KeyFault.brokenLibrary, "OpenSSL could not write the key")
        }
        return written.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether the 64 bytes r ‖ s are a signature over `input`.
    package func verifies(_ signature: [UInt8], of input: UnsafeRawBufferPointer) -> Bool {
        defer { ERR_clear_error() }
        guard let der = ECDSASignature.der(raw: signature) else { return false }
        let context = EVP_PKEY_CTX_new_from_pkey(nil, key.handle, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var digest = [UInt8](repeating: 0, count: SHA256.length)
        guard SHA256.digest(input, into: &digest), EVP_PKEY_verify_init(context) == 1 else { return false }
        return EVP_PKEY_verify(context, der, der.count, digest, digest.count) == 1
    }
}
