import COpenSSL
import SignetSystem

/// A secret for HMAC with SHA-256 (RFC 7518 §3.2). It signs and verifies HS256 and nothing else.
///
/// Signing is thread-safe and takes no shared lock.
public final class HS256Key: Sendable {
    /// The shortest secret RFC 7518 §3.2 allows, in bytes.
    public static let minimumLength = 32
    /// The length of an HMAC, in bytes.
    package static let macLength = 32

    /// The `kid` of the tokens this key signs, if it has one.
    public let keyID: String?
    package let secret: SecretBytes
    private let mac: MessageAuthentication

    /// Takes a secret.
    ///
    /// - Parameter allowShortSecret: takes a secret under 32 bytes, for a vendor that hands out nothing longer. An
    ///   empty one is refused all the same.
    /// - Throws: ``SignetError`` for an empty or short secret, and for PEM, DER, JWK or SSH material, which is somebody's
    ///   public key more often than a secret.
    public init(secret: SecretBytes, keyID: String? = nil, allowShortSecret: Bool = false) throws(SignetError) {
        guard secret.count > 0 else { throw SignetError(KeyFault.empty, "the secret is empty") }
        try AsymmetricMaterial.refuse(in: secret)
        guard secret.count >= Self.minimumLength || allowShortSecret else {
            throw SignetError(
                KeyFault.shortSecret,
                "the secret has \(secret.count) bytes; HS256 wants at least \(Self.minimumLength)",
                hint: "where the vendor hands out nothing longer, set \"allowShortSecret\": true")
        }
        self.secret = secret
        self.keyID = keyID
        mac = try MessageAuthentication(secret: secret)
    }

    /// A fresh secret of 32 random bytes from OpenSSL's generator.
    public static func generate(keyID: String? = nil) throws(SignetError) -> HS256Key {
        try HS256Key(secret: try randomSecret(), keyID: keyID)
    }

    /// 32 random bytes.
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

    /// Whether `code` is the HMAC of `input`, in constant time.
    package func verifies(_ code: [UInt8], of input: UnsafeRawBufferPointer) -> Bool {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.macLength) { expected in
            // What is computed here would make the input valid.
            defer { Memory.cleanse(UnsafeMutableRawBufferPointer(expected)) }
            guard let base = expected.baseAddress, authenticate(input, into: base) else { return false }
            return code.withUnsafeBytes { Memory.equalInConstantTime($0, UnsafeRawBufferPointer(expected)) }
        }
    }
}
