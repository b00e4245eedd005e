import SignetJOSE
import SignetSystem

/// Why a vendor's backend did not take what it has to have before the page may go on.
public struct DeliveryError: CodedError, Equatable {
    /// The kinds of fault.
    public enum Kind: String, Sendable, CaseIterable {
        /// The vendor answered with a status that is no 2xx.
        case refused = "vendor-refused"
        /// No connection, or one that broke before the answer.
        case unreachable = "vendor-unreachable"
        /// An answer that makes no sense: not HTTP, too long, not the JSON that was asked for.
        case senseless = "vendor-answer-senseless"
        /// No answer in time.
        case timedOut = "vendor-too-slow"
        /// The vendor failed so often that it is left alone for a while.
        case circuitOpen = "circuit-open"
        /// As many calls of the connection are under way as it may have at once.
        case busy = "vendor-busy"
        /// The request could not be signed.
        case signing = "signing-failed"
        /// The gateway is going down.
        case draining = "draining"
    }

    /// The kind of fault.
    public let kind: Kind
    /// What is wrong, with nothing of the answer's body in it.
    public let reason: String
    /// What to do about it.
    public let hint: String?
    /// The vendor's status, where there was one.
    public let status: Int?
    /// In how many seconds to ask again, where that is known.
    public let retryAfter: Int?

    /// Makes an error.
    public init(_ kind: Kind, _ reason: String, hint: String? = nil, status: Int? = nil, retryAfter: Int? = nil) {
        self.kind = kind
        self.reason = reason
        self.hint = hint
        self.status = status
        self.retryAfter = retryAfter
    }

    /// `vendor-refused` and its like.
    public var code: String { kind.rawValue }
}
