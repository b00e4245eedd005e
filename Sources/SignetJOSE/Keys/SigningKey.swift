import SignetSystem

/// The algorithms Signet has (RFC 7518 §3.1). A key has exactly one, by its type.
public enum JWSAlgorithm: String, Sendable, CaseIterable {
    /// HMAC with SHA-256.
    case hs256 = "HS256"
    /// ECDSA on P-256 with SHA-256.
    case es256 = "ES256"

    /// The length of a signature in bytes.
    package var signatureLength: Int {
        switch self {
        case .hs256: HS256Key.macLength
        case .es256: ECDSASignature.rawLength
        }
    }
}

/// A key that signs.
public enum SigningKey: Sendable {
    case hs256(HS256Key)
    case es256(ES256PrivateKey)

    /// The one algorithm of this key.
    public var algorithm: JWSAlgorithm {
        switch self {
        case .hs256: .hs256
        case .es256: .es256
        }
    }

    /// The `kid` of the tokens this key signs.
    public var keyID: String? {
        switch self {
        case .hs256(let key): key.keyID
        case .es256(let key): key.keyID
        }
    }

    /// The key that verifies what this one signs.
    public var verificationKey: VerificationKey {
        switch self {
        case .hs256(let key): .hs256(key)
        case .es256(let key): .es256(key.publicKey)
        }
    }
}

/// A key that verifies. A public key is one; an HMAC secret is one as well, for whoever verifies HS256 can also sign
/// it.
public enum VerificationKey: Sendable {
    case hs256(HS256Key)
    case es256(ES256PublicKey)

    /// Reads a PEM file or a JWK, whichever it is; of a private key, the public half is taken.
    public init(contents: SecretBytes, passphrase: SecretBytes? = nil) throws(SignetError) {
        switch try KeyFile.read(contents, passphrase: passphrase) {
        case .privateKey(let key, let keyID): self = .es256(try ES256PrivateKey(key, keyID: keyID).publicKey)
        case .publicKey(let key, let keyID): self = .es256(try ES256PublicKey(key, keyID: keyID))
        case .secret(let secret, let keyID): self = .hs256(try HS256Key(secret: secret, keyID: keyID))
        }
    }

    /// The one algorithm of this key.
    public var algorithm: JWSAlgorithm {
        switch self {
        case .hs256: .hs256
        case .es256: .es256
        }
    }

    /// The `kid` that a token has to carry, if it carries one and this key has one.
    public var keyID: String? {
        switch self {
        case .hs256(let key): key.keyID
        case .es256(let key): key.keyID
        }
    }
}
