import SignetJOSE
import SignetSystem

/// Prepares one vendor's form of an identity for signing, and checks such a form as the vendor would.
///
/// Vendors differ in the signed content, and in whether a browser may have the result. This protocol hides the differences
/// from a backend that serves several vendors. A signer has no key: ``VendorConnection`` signs what it prepares, and verifies a
/// token's signature before the signer checks its content. A signer is made once and used from any thread.
///
/// Errors, descriptions and the details of checks must contain nothing of a secret, a token or an identity.
///
/// Test your type with ``IdentitySignerConformance/problems(of:sampling:)``.
public protocol IdentitySigner: Sendable {
    /// Writes what is to be signed for `identity` into `payload`, without a key, a clock or other I/O: `context` has the time. The
    /// same arguments always write the same bytes.
    ///
    /// - Returns: Who may hold the signed form, and when it expires.
    /// - Throws: ``SignetError``: ``SigningFault/nothingToSign`` if the vendor has no form for an anonymous visitor,
    ///   ``SigningFault/incomplete`` if the identity lacks a required value.
    func prepare(
        _ identity: Identity, in context: SigningContext, into payload: inout PayloadWriter
    ) throws(SignetError) -> UnsignedIdentity

    /// Checks the payload of a token as the vendor's own server would, check by check, and records each check in `report`. The
    /// signature is valid, and `report` has the header.
    func check(_ payload: JSONValue, in context: VerificationContext, into report: inout VerificationReport)
}

/// A prepared identity: everything about a signed identity that does not depend on the key.
public struct UnsignedIdentity: Sendable {
    /// Who may hold the signed form.
    enum Holder: Sendable {
        case browser(BadgeKind, members: [JSONMember])
        case backend(VendorRequest)
    }

    let holder: Holder
    /// When the vendor refuses it; nil for a form without expiry.
    public let expiresAt: NumericDate?

    /// Declares that the customer's browser may have the token.
    ///
    /// - Parameter members: Members of the badge besides those of the widget.
    public static func browser(
        _ kind: BadgeKind, members: [JSONMember] = [], expiresAt: NumericDate? = nil
    ) -> UnsignedIdentity {
        UnsignedIdentity(holder: .browser(kind, members: members), expiresAt: expiresAt)
    }

    /// Declares that the token must stay on the backend.
    ///
    /// - Parameter request: The one request that it authorises, without the `Authorization` field: it gets `Bearer` and the token.
    public static func backend(_ request: VendorRequest, expiresAt: NumericDate? = nil) -> UnsignedIdentity {
        UnsignedIdentity(holder: .backend(request), expiresAt: expiresAt)
    }

    func token(_ compact: String) -> SignedToken {
        switch holder {
        case .browser(let kind, let members):
            .browser(BrowserToken(kind: kind, compact: compact, members: members))
        case .backend(let request):
            .backend(
                BackendToken(
                    compact: compact,
                    request: VendorRequest(
                        method: request.method, url: request.url,
                        headers: request.headers + [("Authorization", "Bearer \(compact)")], body: request.body)))
        }
    }
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
