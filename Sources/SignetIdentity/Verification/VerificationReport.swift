import SignetJOSE

/// A vendor's verification of a token, check by check.
public struct VerificationReport: Sendable {
    /// One check and its result.
    public struct Check: Sendable, Equatable {
        /// The result of a check.
        public enum Result: String, Sendable {
            /// Passed.
            case ok
            /// The vendor accepts the token, but this point is unusual.
            case warn
            /// The vendor refuses the token.
            case fail
        }

        /// A stable name: the claim's, or one or two words in kebab-case.
        public let name: String
        /// The result.
        public let result: Result
        /// One sentence that contains nothing of the token.
        public let detail: String
    }

    /// The checks in their order. They end at a failure that makes further checks pointless.
    public private(set) var checks: [Check] = []
    /// The header, if it is readable.
    public private(set) var header: JSONValue?
    /// The payload, if it is readable.
    public private(set) var payload: JSONValue?

    /// Makes a report without checks, which is not valid.
    public init() {}

    /// Whether there are checks and none failed.
    public var isValid: Bool {
        !checks.isEmpty && checks.allSatisfy { $0.result != .fail }
    }

    /// The first check that failed.
    public var failure: Check? {
        checks.first { $0.result == .fail }
    }

    /// Records a check.
    public mutating func note(_ name: String, _ result: Check.Result, _ detail: String) {
        checks.append(Check(name: name, result: result, detail: detail))
    }

    /// Records a check that passes or fails.
    public mutating func require(_ condition: Bool, _ name: String, _ detail: String, else fault: String) {
        note(name, condition ? .ok : .fail, condition ? detail : fault)
    }

    /// Keeps header and payload for display. ``checkJWS(_:with:)`` calls this for every JWS.
    public mutating func show(header: JSONValue?, payload: JSONValue?) {
        self.header = header
        self.payload = payload
    }
}

extension VerificationReport: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The result, without header and payload.
    public var description: String {
        isValid ? "a report without failures" : "a report of a token refused: \(failure?.name ?? "no checks")"
    }
    /// The result, without header and payload.
    public var debugDescription: String { description }
    /// Only the checks.
    public var customMirror: Mirror { Mirror(self, children: ["checks": checks]) }
}

/// The circumstances of a verification.
public struct VerificationContext: Sendable {
    /// The time of the verification.
    public var time: NumericDate
    /// The purpose that the token has to have, for vendors that bind tokens to a session.
    public var session: SessionPurpose?

    /// The tolerated difference between two clocks, in seconds.
    public static let clockSkew: Int64 = 30

    /// Makes a context.
    public init(time: NumericDate = .now, session: SessionPurpose? = nil) {
        self.time = time
        self.session = session
    }
}
