import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetSystem

/// Records every signed identity.
public protocol AuditRecording: Sendable {
    /// Records an entry where that takes no waiting.
    ///
    /// - Returns: True when the entry is recorded with the promised durability: only then may the identity leave the process. False when
    ///   that would take waiting: nothing is recorded, and ``record(_:)`` has to be called.
    /// - Throws: ``SignetError``: nothing may be handed out.
    func recordAtOnce(_ entry: AuditEntry) throws(SignetError) -> Bool

    /// Records an entry, and returns when it is recorded with the promised durability.
    ///
    /// - Throws: ``SignetError``: nothing may be handed out.
    func record(_ entry: AuditEntry) async throws(SignetError)
}

/// One identity that is signed for one request. It has a keyed digest of the subject, and no token.
public struct AuditEntry: Sendable {
    /// The moment of signing.
    public var time: NumericDate
    /// The request's id, as the reply and the log have it.
    public var requestID: String
    /// The caller.
    public var caller: String
    /// What the caller asked for.
    public var right: CallerRight
    /// The route.
    public var route: String
    /// The vendor.
    public var vendor: String
    /// The connection.
    public var connection: String
    /// The key's name.
    public var key: String
    /// The keyed digest of the subject; nil for an anonymous visitor.
    public var subjectTag: String?
    /// When the vendor stops taking the token, if it does.
    public var expiresAt: NumericDate?
    /// The side of a migration, and why.
    public var decision: Decision?

    /// The side of a migration that a request was given, and why.
    public struct Decision: Sendable, Equatable {
        /// `from` or `to`.
        public var side: String
        /// Why: `percent`, `ongoing`, `pin` and so on.
        public var reason: String

        /// Makes a decision.
        public init(side: String, reason: String) {
            self.side = side
            self.reason = reason
        }
    }

    /// Makes an entry.
    public init(
        time: NumericDate, requestID: String, caller: String, right: CallerRight, route: String, vendor: String,
        connection: String, key: String, subjectTag: String?, expiresAt: NumericDate?, decision: Decision? = nil
    ) {
        self.time = time
        self.requestID = requestID
        self.caller = caller
        self.right = right
        self.route = route
        self.vendor = vendor
        self.connection = connection
        self.key = key
        self.subjectTag = subjectTag
        self.expiresAt = expiresAt
        self.decision = decision
    }
}

extension SignetError {
    /// An identity could not be recorded: the code is `audit-unavailable`.
    public init(audit reason: String, hint: String? = nil) {
        self.init(code: "audit-unavailable", reason, hint: hint)
    }
}
