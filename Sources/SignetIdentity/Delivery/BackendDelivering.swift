import SignetJOSE
import SignetSystem

/// A signer whose vendor has to be called before the page gets its badge.
///
/// The gateway recognises such a signer by its type. The signer decides about the calls and their order. The gateway decides
/// about retries, time-outs and the circuit breaker, so that they are the same for all vendors.
public protocol BackendDelivering: IdentitySigner {
    /// Returns the badge, or the calls that lead to it. No call is made yet.
    ///
    /// A missing value of the identity is found here, before the first call.
    ///
    /// - Throws: ``SignetError``, as ``IdentitySigner/prepare(_:in:into:)`` does;
    ///   ``SigningFault/sessionNotAccepted`` for a session id from the page, if the connection does not accept one.
    func delivery(of request: SigningRequest, in context: SigningContext) throws(SignetError) -> Delivery
}

/// A badge, or the calls that lead to it.
public enum Delivery: Sendable {
    /// The badge needs no call. Nothing was signed.
    case badge(Badge)
    /// The vendor has to be called. The page may get the badge only after this has returned.
    case calls(@Sendable (any VendorCalling) async throws(DeliveryError) -> Badge)
}

/// Calls a vendor, with a connection's retries, time-outs and circuit breaker.
public protocol VendorCalling: Sendable {
    /// Sends one request, with retries. The request's identity is signed for each attempt, so that no signature is sent twice.
    ///
    /// - Parameters:
    ///   - purpose: The purpose of the request, as it reads after "the request that": `creates the session`.
    ///   - session: The session that is signed for.
    ///   - isNamedByPage: Whether the session id comes from the page. A page can invent one, so the circuit breaker does not
    ///     count the vendor's refusal.
    /// - Returns: A complete 2xx answer.
    /// - Throws: ``DeliveryError``.
    func call(
        _ purpose: String, for session: SessionPurpose, isNamedByPage: Bool
    ) async throws(DeliveryError) -> VendorAnswer
}

/// A vendor's answer, read to its end. Its body may hold secrets: never log it.
public struct VendorAnswer: Sendable {
    /// The HTTP status.
    public let status: Int
    /// After how many seconds the vendor wants to be asked again (`Retry-After`, RFC 9110 §10.2.3); nil if it does not say.
    public let retryAfter: Int?
    /// The body, at most 64 KiB.
    public let body: [UInt8]

    /// Makes an answer.
    public init(status: Int, retryAfter: Int? = nil, body: [UInt8]) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }
}

extension VendorAnswer: Redacted {
    /// Only the status.
    public var description: String { "an answer with status \(status)" }
}
