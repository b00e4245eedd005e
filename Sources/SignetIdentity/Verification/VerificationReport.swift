import SignetJOSE

/// What a vendor's server would say of a token, check by check.
public struct VerificationReport: Sendable {
    /// One check and its result.
    public struct Check: Sendable, Equatable {
        /// How a check can end.
        public enum Result: String, Sendable {
            /// As it has to be.
            case ok
            /// Taken by the vendor, and still worth a look.
            case warn
            /// Refused.
            case fail
        }

        /// A stable name: the claim's, or a word or two in kebab-case.
        public let name: String
        /// How it ended.
        public let result: Result
        /// One sentence, with nothing of the token in it.
        public let detail: String
    }

    /// The checks in the order in which they were made; after a failure that leaves nothing to look at, no more come.
    public private(set) var checks: [Check] = []
    /// The header, where it could be read.
    public private(set) var header: JSONValue?
    /// The payload, where it could be read.
    public private(set) var payload: JSONValue?

    /// A report without checks, which is not valid.
    public init() {}

    /// Whether there were checks and none failed.
    public var isValid: Bool {
        !checks.isEmpty && checks.allSatisfy { $0.result != .fail }
    }

    /// The first check that failed.
    public var failure: Check? {
        checks.first { $0.result == .fail }
    }

    /// Notes a check.
    public mutating func note(_ name: String, _ result: Check.Result, _ detail: String) {
        checks.append(Check(name: name, result: result, detail: detail))
    }

    /// Notes a check that is either as it has to be or refused.
    public mutating func require(_ condition: Bool, _ name: String, _ detail: String, else fault: String) {
        note(name, condition ? .ok : .fail, condition ? detail : fault)
    }

    /// Keeps header and payload for whoever asks to see them; ``checkJWS(_:with:)`` does it for every JWS.
    public mutating func show(header: JSONValue?, payload: JSONValue?) {
        self.header = header
        self.payload = payload
    }
}

extension VerificationReport: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// How it ended, with nothing of header and payload.
    public var description: String {
        isValid ? "a report without failures" : "a report of a token refused: \(failure?.name ?? "no checks")"
    }
    /// How it ended, with nothing of header and payload.
    public var debugDescription: String { description }
    /// The checks alone.
    public var customMirror: Mirror { Mirror(self, children: ["checks": checks]) }
}

/// The circumstances in which a token is checked.
public struct VerificationContext: Sendable {
    /// The moment for which it is checked.
    public var time: NumericDate
    /// What the token has to be for, with vendors that bind it to a session.
    public var session: SessionPurpose?

    /// How far two clocks may be apart, in seconds.
    public static let clockSkew: Int64 = 30

    /// Makes a context.
    public init(time: NumericDate = .now, session: SessionPurpose? = nil) {
        self.time = time
        self.session = session
    }
}
