import SignetJOSE
import SignetSystem

/// A signer whose vendor's backend has to be called before the page may go on.
///
/// The gateway finds this refinement by type. A signer says what is to be called, and in which order; how often a call is
/// tried, how long it may take and when a vendor is left alone is the caller's business, so that it is the same for all
/// vendors.
public protocol BackendDelivering: IdentitySigner {
    /// What it takes to have a badge: nothing, or calls. Nobody is called yet.
    ///
    /// Everything that the identity lacks is found here, before the first call.
    ///
    /// - Throws: ``SignetError``, as ``IdentitySigner/sign(_:in:)`` does;
    ///   ``SigningFault/sessionNotAccepted`` for a session id from a page that may not name one.
    func delivery(of order: DeliveryOrder) throws(SignetError) -> Delivery
}

/// What a badge is asked for with.
public struct DeliveryOrder: Sendable {
    /// Who it is.
    public var identity: Identity
    /// The circumstances; its session and time are set anew for each signature.
    public var context: SigningContext
    /// A session id that the backend itself kept.
    public var sessionID: SessionID?
    /// What the page sent along.
    public var page: SigningRequest.Page?

    /// Makes an order.
    public init(
        _ identity: Identity, context: SigningContext = SigningContext(), sessionID: SessionID? = nil,
        page: SigningRequest.Page? = nil
    ) {
        self.identity = identity
        self.context = context
        self.sessionID = sessionID
        self.page = page
    }
}

/// What it takes to have a badge.
public enum Delivery: Sendable {
    /// It is there: nobody has to be called, and nothing was signed.
    case badge(Badge)
    /// The vendor has to be called; the badge may be handed out when this returns, and not before.
    case calls(@Sendable (any VendorCalling) async throws(DeliveryError) -> Badge)
}

/// Makes the calls to a vendor, with the tries, time-outs and the circuit breaker of a connection.
public protocol VendorCalling: Sendable {
    /// Sends one request, if need be several times.
    ///
    /// - Parameters:
    ///   - purpose: What the request is for, as it reads after "the request that": `makes the session`.
    ///   - isNamedByPage: Whether a page named what the request is about. The vendor's refusal of what a page may have
    ///     invented is none of the circuit breaker's business.
    ///   - sign: Signs the request as of a moment; called for each try, so that no signature is sent twice.
    /// - Returns: A 2xx answer, read to its end.
    /// - Throws: ``DeliveryError``.
    func call(
        _ purpose: String, isNamedByPage: Bool,
        signing sign: @escaping @Sendable (NumericDate) async throws(SignetError) -> SignedIdentity
    ) async throws(DeliveryError) -> VendorAnswer
}

extension VendorCalling {
    /// Sends a request about what the backend itself knows.
    public func call(
        _ purpose: String, signing sign: @escaping @Sendable (NumericDate) throws(SignetError) -> SignedIdentity
    ) async throws(DeliveryError) -> VendorAnswer {
        try await call(purpose, isNamedByPage: false, signing: sign)
    }
}

/// A vendor's answer, read to its end. Its body may hold secrets: never log it.
public struct VendorAnswer: Sendable {
    /// The HTTP status.
    public let status: Int
    /// The `Retry-After` header field, as it stands.
    public let retryAfter: String?
    /// The body, at most 64 KiB.
    public let body: [UInt8]

    /// Makes an answer.
    public init(status: Int, retryAfter: String? = nil, body: [UInt8]) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }
}

extension VendorAnswer: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The status alone.
    public var description: String { "an answer with status \(status)" }
    /// The status alone.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
