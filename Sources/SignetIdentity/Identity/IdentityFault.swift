import SignetSystem

/// What is wrong with a member of a request, as the `errors` of a problem document say it.
public enum IdentityFault: String, Sendable, CaseIterable {
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

extension SignetError {
    /// Something is not an identity, or not a request for one: the code is `identity-malformed`.
    ///
    /// - Parameters:
    ///   - pointer: The member, as a JSON Pointer (RFC 6901); the empty pointer is the whole.
    ///   - reason: What is wrong, with nothing of the value in it.
    package init(_ pointer: String, _ fault: IdentityFault, _ reason: String, hint: String? = nil) {
        self.init(
            code: "identity-malformed", reason, hint: hint, pointer: pointer, memberFault: fault.rawValue)
    }
}
