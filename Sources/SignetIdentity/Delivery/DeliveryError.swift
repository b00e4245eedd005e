import SignetJOSE
import SignetSystem

/// Why a delivery to a vendor failed.
public struct DeliveryError: CodedError, Equatable {
    /// The kinds of fault.
    public enum Kind: String, Sendable, CaseIterable {
        /// The vendor's status is not 2xx.
        case refused = "vendor-refused"
        /// The vendor could not be reached, or the connection broke before the answer.
        case unreachable = "vendor-unreachable"
        /// The answer is not HTTP, too long, or not the expected JSON.
        case senseless = "vendor-answer-senseless"
        /// There was no answer in time.
        case timedOut = "vendor-too-slow"
        /// The vendor failed repeatedly and is not called for a time (circuit breaker).
        case circuitOpen = "circuit-open"
        /// The connection's share of outgoing calls is in use.
        case busy = "vendor-busy"
        /// The request could not be signed.
        case signing = "signing-failed"
        /// The gateway is shutting down.
        case draining = "draining"
    }

    /// The kind of fault.
    public let kind: Kind
    /// What is wrong. It contains nothing of the answer's body.
    public let reason: String
    /// What to do about it.
    public let hint: String?
    /// The vendor's status, if there was an answer.
    public let status: Int?
    /// The number of seconds after which to retry, if known.
    public let retryAfter: Int?

    /// Makes an error.
    public init(_ kind: Kind, _ reason: String, hint: String? = nil, status: Int? = nil, retryAfter: Int? = nil) {
        self.kind = kind
        self.reason = reason
        self.hint = hint
        self.status = status
        self.retryAfter = retryAfter
    }

    /// The kind's raw value: `vendor-refused`.
    public var code: String { kind.rawValue }
}
