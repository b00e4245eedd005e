import SignetJOSE
import SignetSystem

/// Why an identity could not be signed for a vendor; the raw value is the error's code.
public enum SigningFault: String, Sendable, CaseIterable {
    /// The identity lacks what the vendor's form needs.
    case incomplete = "identity-incomplete"
    /// The vendor has no form for a stranger.
    case nothingToSign = "nothing-to-sign"
    /// The token would be larger than 16 KiB.
    case tokenTooLarge = "token-too-large"
    /// The vendor's token is bound to a session, and none was named.
    case sessionRequired = "session-required"
    /// A session id from a page, where a page may not name one.
    case sessionNotAccepted = "session-not-accepted"
    /// No key of the connection signs at this moment.
    case noKey = "no-signing-key"
    /// The cryptography failed.
    case failed = "signing-failed"
}

extension SignetError {
    /// What failed while a token was put together.
    public init(_ error: JWSError) {
        self.init(
            error == .tooLarge ? SigningFault.tokenTooLarge : SigningFault.failed, error.reason, hint: error.hint)
    }
}
