import SignetJOSE
import SignetSystem

/// Makes one vendor's signed form of an identity, and checks such a form as the vendor would.
///
/// Vendors differ in the signed content, the algorithm, and in whether a browser may have the result. This protocol hides the
/// differences from a backend that serves several vendors. A signer belongs to one connection. It is made once and used from
/// any thread: both functions have to be thread-safe, and signing should take no lock.
///
/// Errors, descriptions and the details of checks must contain nothing of a secret, a token or an identity.
///
/// Test your type with ``IdentitySignerConformance/problems(of:sampling:)``.
public protocol IdentitySigner: Sendable {
    /// Signs `identity`.
    ///
    /// - Throws: ``SignetError``: ``SigningFault/nothingToSign`` if the vendor has no form for an anonymous visitor,
    ///   ``SigningFault/incomplete`` if the identity lacks a required value.
    func sign(_ identity: Identity, in context: SigningContext) throws(SignetError) -> SignedIdentity

    /// Checks a token as the vendor's own server would, check by check. Any text can be passed as a token.
    func verify(_ token: String, in context: VerificationContext) -> VerificationReport
}

/// Why an identity could not be signed for a vendor; the raw value is the error's code.
public enum SigningFault: String, Sendable, CaseIterable {
    /// The identity lacks a value that the vendor's form requires.
    case incomplete = "identity-incomplete"
    /// The vendor has no signed form for an anonymous visitor.
    case nothingToSign = "nothing-to-sign"
    /// The token would be larger than 16 KiB.
    case tokenTooLarge = "token-too-large"
    /// The vendor's token is bound to a session, and the request names none.
    case sessionRequired = "session-required"
    /// The page sent a session id, and this connection does not accept one from a page.
    case sessionNotAccepted = "session-not-accepted"
    /// No key of the connection signs at this time.
    case noKey = "no-signing-key"
    /// OpenSSL failed, or the vendor would refuse the token.
    case failed = "signing-failed"
}

extension SignetError {
    /// Makes the error of a token that could not be signed.
    public init(_ error: JWSError) {
        self.init(
            error == .tooLarge ? SigningFault.tokenTooLarge : SigningFault.failed, error.reason, hint: error.hint)
    }
}
