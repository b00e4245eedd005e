import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetSystem

/// Keeps the record of every identity that was signed.
public protocol AuditRecording: Sendable {
    /// Records an entry where that takes no waiting.
    ///
    /// - Returns: True when the record is where it was promised to be: what it is about may leave the process then, and not before. False
    ///   when it would take waiting: nothing is recorded, and ``record(_:)`` has to be called.
    /// - Throws: ``SignetError``: nothing may be handed out.
    func recordAtOnce(_ entry: AuditEntry) throws(SignetError) -> Bool

    /// Records an entry, and returns when the record is where it was promised to be.
    ///
    /// - Throws: ``SignetError``: nothing may be handed out.
    func record(_ entry: AuditEntry) async throws(SignetError)
}

/// One identity that is signed for one request. The subject is in it as a keyed digest, the token not at all.
public struct AuditEntry: Sendable {
    /// The moment of signing.
    public var time: NumericDate
    /// The request's id, as the reply and the log have it.
    public var requestID: String
    /// Who asked.
    public var caller: String
    /// What was asked for.
    public var right: CallerRight
    /// The route.
    public var route: String
    /// The vendor.
    public var vendor: String
    /// The connection.
    public var connection: String
    /// The key's name.
    public var key: String
    /// The keyed digest of the subject; nil for a stranger.
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
