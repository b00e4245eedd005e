/// Why key material is refused; the raw value is the error's code.
public enum KeyFault: String, Sendable, CaseIterable {
    /// The key or secret is empty.
    case empty = "key-empty"
    /// An HMAC secret is shorter than the hash's output (RFC 7518 §3.2).
    case shortSecret = "key-short-secret"
    /// PEM, DER, JWK or SSH material is offered as an HMAC secret.
    case asymmetricAsSecret = "key-asymmetric-as-secret"
    /// A secret is not in the configured encoding, or has quotes, a name or invisible characters in or around it.
    case encoding = "key-encoding"
    /// A secret starts or ends with white space or an invisible character.
    case edgeSpace = "key-edge-space"
    /// The file is neither PEM nor JWK.
    case unrecognised = "key-unrecognised"
    /// A PEM block is cut off, or its content is damaged.
    case damaged = "key-damaged"
    /// The file has several keys; one is wanted.
    case several = "key-several"
    /// The file has a public key and a private key is wanted, or the other way round.
    case wrongKind = "key-wrong-kind"
    /// The key is not an elliptic-curve key.
    case wrongType = "key-wrong-type"
    /// The curve is not P-256.
    case wrongCurve = "key-wrong-curve"
    /// The private key is encrypted and no passphrase was given.
    case encrypted = "key-encrypted"
    /// The passphrase does not open the private key.
    case wrongPassphrase = "key-wrong-passphrase"
    /// The numbers do not make a key: the point is not on the curve, or the two halves do not belong together.
    case inconsistent = "key-inconsistent"
    /// A member of a JWK is missing or malformed.
    case jwkMember = "jwk-member"
    /// A JWK's `use`, `key_ops`, `alg`, `kty` or `crv` does not allow this use.
    case jwkMisfit = "jwk-misfit"
    /// OpenSSL failed, or computes wrong HMACs.
    case brokenLibrary = "key-broken-library"
}
