import SignetSystem

/// Turns an identity into one vendor's signed form, and checks such a form as the vendor would.
///
/// Vendors differ in what they want signed, under which algorithm, and in who may hold the result; a backend that serves
/// several of them should not have to know. A signer stands for one connection at one vendor, is made once, and is used from
/// any thread: both requirements have to be thread-safe, and signing should take no lock.
///
/// Errors, descriptions and the details of checks hold nothing of a secret, a token or an identity.
///
/// Every conforming type passes ``IdentitySignerConformance/problems(of:sampling:)``; run it in your tests.
public protocol IdentitySigner: Sendable {
    /// The vendor's signed form of `identity`.
    ///
    /// - Throws: ``SignetError``: ``SigningFault/nothingToSign`` where the vendor has no form for a stranger,
    ///   ``SigningFault/incomplete`` where the identity lacks what the form needs.
    func sign(_ identity: Identity, in context: SigningContext) throws(SignetError) -> SignedIdentity

    /// Checks a token as the vendor's own server would, check by check. Never throws, whatever the token is.
    func verify(_ token: String, in context: VerificationContext) -> VerificationReport
}
