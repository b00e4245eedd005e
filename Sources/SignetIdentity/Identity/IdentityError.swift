import SignetJOSE
import SignetSystem

/// Why something is no identity, or no request for one.
public struct IdentityError: CodedError, Equatable {
    /// The kinds of fault, as they stand in the `errors` of a problem document.
    public enum Kind: String, Sendable, CaseIterable {
        /// Not strict JSON.
        case json
        /// Another type than the member has.
        case type
        /// A member that does not exist.
        case unknown
        /// A member that is needed.
        case missing
        /// Two members of which one is wanted.
        case conflict
        /// Nothing where something is wanted.
        case empty
        /// Longer than allowed.
        case tooLong = "too-long"
        /// A control character.
        case controlCharacter = "control-character"
        /// A name that attributes cannot have.
        case attributeName = "attribute-name"
        /// A session id of another form than 1 to 256 URL-safe characters.
        case sessionID = "session-id"
    }

    /// Where it stands, as a JSON Pointer (RFC 6901); the empty pointer is the whole.
    public let pointer: String
    /// The kind of fault.
    public let kind: Kind
    /// What is wrong, with nothing of the value in it.
    public let reason: String
    /// What to do about it.
    public let hint: String?

    package init(_ pointer: String, _ kind: Kind, _ reason: String, hint: String? = nil) {
        self.pointer = pointer
        self.kind = kind
        self.reason = reason
        self.hint = hint
    }

    /// Always `identity-malformed`; the kind says more.
    public var code: String { "identity-malformed" }
}
