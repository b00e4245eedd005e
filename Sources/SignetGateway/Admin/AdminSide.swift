import SignetIdentity
import SignetJOSE
import SignetSystem
import Synchronization

/// Health and metrics, on a listener of their own. Its requests are not logged.
public final class AdminSide: RequestHandling {
    private let metrics: GatewayMetrics
    private let readiness: Readiness
    private let access: AdminAccess

    /// Makes the admin side of a gateway.
    ///
    /// - Parameter access: Which requests it answers.
    public init(metrics: GatewayMetrics, readiness: Readiness, access: AdminAccess = AdminAccess()) {
        self.metrics = metrics
        self.readiness = readiness
        self.access = access
    }

    /// Answers a request, at once or later.
    public func reply(to request: GatewayRequest) -> GatewayReply {
        let requestID = RequestID.make()
        do throws(Problem) {
            var response = try answer(request)
            response.headers.append(("X-Request-Id", requestID))
            return .ready(response)
        } catch {
            return .ready(error.response(requestID: requestID))
        }
    }

    /// The answer to a request that is not proper HTTP.
    public func refusal(_ problem: Problem) -> GatewayResponse {
        problem.response(requestID: RequestID.make())
    }

    private func answer(_ request: GatewayRequest) throws(Problem) -> GatewayResponse {
        try access.check(request)
        let path = request.target.prefix { $0 != "?" }
        guard ["/health/alive", "/health/ready", "/metrics"].contains(path) else { throw .notOnAdminSide }
        guard ["GET", "HEAD"].contains(request.method) else { throw .methodNotAllowed(["GET", "HEAD"]) }
        switch path {
        case "/health/alive": return .json(["status": "alive"])
        case "/health/ready":
            if let refusal = readiness.refusal { throw refusal }
            return .json(["status": "ready"])
        default:
            return GatewayResponse(
                status: 200,
                headers: [
                    ("Content-Type", GatewayMetrics.contentType), ("Cache-Control", "no-store"),
                ],
                body: Array(metrics.text().utf8))
        }
    }
}

/// Whether the gateway takes new requests: not once it is shutting down, and not while it cannot record.
public final class Readiness: Sendable {
    /// How long recording fails before the gateway is not ready, in nanoseconds.
    private static let auditLimit: UInt64 = 5_000_000_000

    private let draining = Atomic(false)
    private let audit: AuditFile?

    /// Makes a ready one.
    ///
    /// - Parameter audit: Five seconds after it has failed the gateway is not ready, until it works again.
    public init(audit: AuditFile? = nil) {
        self.audit = audit
    }

    /// Whether a load balancer should send requests.
    public var isReady: Bool { refusal == nil }

    /// From now on a load balancer should send nothing.
    public func drain() {
        draining.store(true, ordering: .releasing)
    }

    /// Why the gateway is not ready.
    var refusal: Problem? {
        if draining.load(ordering: .acquiring) { return .notReady }
        guard let failure = audit?.failedSince, MonotonicTime.now.nanoseconds(since: failure) >= Self.auditLimit else {
            return nil
        }
        return .auditUnavailable
    }
}
