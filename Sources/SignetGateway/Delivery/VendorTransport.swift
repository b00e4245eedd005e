import SignetIdentity

/// Sends one request to a vendor and reads the answer to its end. `SignetDelivery` does it with libcurl; a server can use
/// its own HTTP client.
///
/// A transport follows no redirect, asks for no compression, uses no proxy, sends no cookie, and checks the server's
/// certificate against the system's authorities. It tries once.
public protocol VendorTransport: Sendable {
    /// Sends a request.
    ///
    /// - Throws: ``TransportError``. No HTTP status is an error.
    func send(_ request: VendorRequest, within limits: TransportLimits) async throws(TransportError) -> VendorAnswer
}

/// How long a request to a vendor may take, and how long its answer may be.
public struct TransportLimits: Sendable, Equatable {
    /// Until there is a connection, in milliseconds, TLS included.
    public var connect: Int64
    /// Until the answer is read to its end, in milliseconds, the connection included.
    public var total: Int64
    /// The longest answer, in bytes; a longer one is cut off and is an error.
    public var maximumAnswerLength = 64 * 1024

    /// Makes limits.
    public init(connect: Int64, total: Int64) {
        self.connect = connect
        self.total = total
    }
}

/// Why there is no answer.
public enum TransportError: Error, Sendable, Equatable {
    /// No connection: no address, refused, or a wrong certificate. Nothing was sent.
    case notConnected(String)
    /// The connection broke before the answer began.
    case reset
    /// The time was up, while connecting or later.
    case timedOut
    /// The answer is longer than allowed.
    case tooLong
    /// The answer is not HTTP, or broke off.
    case senseless
    /// The task was cancelled.
    case cancelled
    /// The transport has as many requests under way as it can. Nothing was sent.
    case busy
}
