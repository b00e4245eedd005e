import SignetSystem

/// The algorithms of Signet's keys (RFC 7518 §3.1). A key's type decides its one algorithm.
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

    /// The `kid` of the tokens that this key signs; nil for none.
    public var keyID: String? {
        switch self {
        case .hs256(let key): key.keyID
        case .es256(let key): key.keyID
        }
    }

    /// The key that verifies signatures of this key.
    public var verificationKey: VerificationKey {
        switch self {
        case .hs256(let key): .hs256(key)
        case .es256(let key): .es256(key.publicKey)
        }
    }
}

/// A key that verifies: a public key, or an HMAC secret, which can also sign.
public enum VerificationKey: Sendable {
    case hs256(HS256Key)
    case es256(ES256PublicKey)

    /// Reads a PEM file or a JWK. Of a private key it takes the public half.
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

    /// The `kid` that a token has to have, if both the token and this key have one.
    public var keyID: String? {
        switch self {
        case .hs256(let key): key.keyID
        case .es256(let key): key.keyID
        }
    }
}
