import SignetJOSE
import SignetSystem

/// Why an identity could not be signed for a vendor.
public struct SigningError: CodedError, Equatable {
    /// The kinds of fault.
    public enum Kind: String, Sendable, CaseIterable {
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

    /// The kind of fault.
    public let kind: Kind
    /// What is wrong, with nothing of the identity in it.
    public let reason: String
    /// What to do about it.
    public let hint: String?
    /// The member of the request that is missing, as a JSON Pointer.
    public let pointer: String?

    /// Makes an error.
    public init(_ kind: Kind, _ reason: String, hint: String? = nil, pointer: String? = nil) {
        self.kind = kind
        self.reason = reason
        self.hint = hint
        self.pointer = pointer
    }

    /// What failed while a token was put together.
    public init(_ error: JWSError) {
        self.init(error == .tooLarge ? .tokenTooLarge : .failed, error.reason, hint: error.hint)
    }

    /// `identity-incomplete` and its like.
    public var code: String { kind.rawValue }
}
