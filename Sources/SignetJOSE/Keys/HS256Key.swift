import COpenSSL
import SignetSystem

/// A secret for HMAC with SHA-256 (RFC 7518 §3.2). It only signs and verifies HS256.
///
/// Signing is thread-safe and takes no shared lock.
public final class HS256Key: Sendable {
    /// The shortest secret that RFC 7518 §3.2 allows, in bytes.
    public static let minimumLength = 32
    /// The length of an HMAC, in bytes.
    package static let macLength = 32

    /// The `kid` of the tokens that this key signs; nil for none.
    public let keyID: String?
    package let secret: SecretBytes
    private let mac: MessageAuthentication

    /// Makes a key from a secret.
    ///
    /// - Parameter allowShortSecret: Allows a secret under 32 bytes, for a vendor whose secrets are short. An empty secret
    ///   is always refused.
    /// - Throws: ``SignetError`` for an empty or short secret, and for PEM, DER, JWK or SSH material, which can be a public
    ///   key.
    public init(secret: SecretBytes, keyID: String? = nil, allowShortSecret: Bool = false) throws(SignetError) {
        guard secret.count > 0 else { throw SignetError(KeyFault.empty, "the secret is empty") }
        try AsymmetricMaterial.refuse(in: secret)
        guard secret.count >= Self.minimumLength || allowShortSecret else {
            throw SignetError(
                KeyFault.shortSecret,
                "the secret has \(secret.count) bytes; HS256 needs at least \(Self.minimumLength)",
                hint: "if the vendor's secrets are this short, set \"allowShortSecret\": true")
        }
        self.secret = secret
        self.keyID = keyID
        mac = try MessageAuthentication(secret: secret)
    }

    /// A new secret of 32 random bytes from OpenSSL's generator.
    public static func generate(keyID: String? = nil) throws(SignetError) -> HS256Key {
        try HS256Key(secret: try randomSecret(), keyID: keyID)
    }

    /// 32 random bytes from OpenSSL's generator.
    package static func randomSecret() throws(SignetError) -> SecretBytes {
        try SecretBytes(capacity: minimumLength) { memory throws(SignetError) -> Int in
            let done = RAND_priv_bytes(memory.bindMemory(to: UInt8.self).baseAddress, Int32(memory.count))
            guard done == 1 else {
                ERR_clear_error()
                throw SignetError(KeyFault.brokenLibrary, "OpenSSL's random generator failed")
            }
            return memory.count
        }
    }

    /// Writes the 32 bytes of the HMAC of `input`.
    package func authenticate(_ input: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<UInt8>) -> Bool {
        mac.authenticate(input, into: output)
    }

    /// Whether `code` is the HMAC of `input`, compared in constant time.
    package func verifies(_ code: [UInt8], of input: UnsafeRawBufferPointer) -> Bool {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.macLength) { expected in
            // `expected` is a valid signature of the input.
            defer { Memory.cleanse(UnsafeMutableRawBufferPointer(expected)) }
            guard let base = expected.baseAddress, authenticate(input, into: base) else { return false }
            return code.withUnsafeBytes { Memory.equalInConstantTime($0, UnsafeRawBufferPointer(expected)) }
        }
    }
}
