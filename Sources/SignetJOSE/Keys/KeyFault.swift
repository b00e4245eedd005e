/// Why key material is refused; the raw value is the error's code.
public enum KeyFault: String, Sendable, CaseIterable {
    /// There is nothing in it.
    case empty = "key-empty"
    /// An HMAC secret is shorter than the hash's output (RFC 7518 §3.2).
    case shortSecret = "key-short-secret"
    /// PEM, DER, JWK or SSH material is offered as an HMAC secret.
    case asymmetricAsSecret = "key-asymmetric-as-secret"
    /// The text is not in the encoding it was said to be in, or something stands in it or around it that is no part of a
    /// secret.
    case encoding = "key-encoding"
    /// White space or an invisible character stands at the edge of a secret.
    case edgeSpace = "key-edge-space"
    /// Neither PEM nor JWK.
    case unrecognised = "key-unrecognised"
    /// A PEM block is cut off or its content damaged.
    case damaged = "key-damaged"
    /// Several keys stand where one is wanted.
    case several = "key-several"
    /// A private key is wanted and this is none, or the other way round.
    case wrongKind = "key-wrong-kind"
    /// Not an elliptic-curve key.
    case wrongType = "key-wrong-type"
    /// A curve other than P-256.
    case wrongCurve = "key-wrong-curve"
    /// The private key is encrypted and no passphrase was given.
    case encrypted = "key-encrypted"
    /// The passphrase does not open the private key.
    case wrongPassphrase = "key-wrong-passphrase"
    /// The numbers are no key: a point off the curve, or halves that do not belong together.
    case inconsistent = "key-inconsistent"
    /// A JWK's member is missing or malformed.
    case jwkMember = "jwk-member"
    /// A JWK's `use`, `key_ops`, `alg`, `kty` or `crv` does not fit what it is to do.
    case jwkMisfit = "jwk-misfit"
    /// OpenSSL computes wrong HMACs even on the careful path.
    case brokenLibrary = "key-broken-library"
}
