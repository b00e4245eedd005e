import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// The gateway: requests in, responses out, whichever server reads them.
///
/// It knows no socket. `signet serve` puts it behind a server of its own; any Swift server can mount it:
///
/// ```swift
/// let response = await gateway.respond(to: GatewayRequest(method: "POST", target: "/v1/routes/uk-store/badge", …))
/// ```
public final class Gateway: RequestHandling {
    /// What goes with the gateway and outlives its configuration.
    public struct Services: Sendable {
        /// Where every signed identity is recorded; nil for nowhere.
        public var audit: (any AuditRecording)?
        /// Calls vendors; nil where no vendor has to be called.
        public var transport: (any VendorTransport)?
        /// Where a line for each request goes; nil for nowhere.
        public var log: (any GatewayLogging)?
        /// What is counted and timed.
        public var metrics: GatewayMetrics

        /// Puts them together.
        public init(
            audit: (any AuditRecording)? = nil, transport: (any VendorTransport)? = nil,
            log: (any GatewayLogging)? = nil, metrics: GatewayMetrics = GatewayMetrics(version: Gateway.version)
        ) {
            self.audit = audit
            self.transport = transport
            self.log = log
            self.metrics = metrics
        }
    }

    /// The release.
    public static let version = "0.1.0"

    let services: Services
    let courier: Courier?
    let shadow: ShadowQueue
    private let limiter = RateLimiter()
    private let current: Lock<GatewayState>

    /// Makes a gateway.
    public init(_ state: GatewayState, services: Services = Services()) {
        self.services = services
        shadow = ShadowQueue(metrics: services.metrics)
        current = Lock(state)
        courier = services.transport.map { transport in
            Courier(transport: transport, observer: DeliveryRecords(services: services))
        }
        services.metrics.callsInUse { [weak courier] in courier?.callsInUse(by: $0) ?? 0 }
        note(state)
    }

    /// What is in force.
    public var state: GatewayState {
        current.withLock { $0 }
    }

    /// Puts another state in force. Requests that are under way keep the one they began with.
    public func replace(_ state: GatewayState) {
        let former = current.withLock { current in
            defer { current = state }
            return current
        }
        note(state)
        for change in MigrationChange.changes(from: former.router.routes, to: state.router.routes) {
            services.log?.log(change.line(configurationDigest: state.configurationDigest))
        }
    }

    /// Metrics tell every move, the keys of every connection and the state of every circuit there is, and of none that is gone.
    private func note(_ state: GatewayState) {
        services.metrics.migrations(state.router.routes)
        services.metrics.schedules(
            state.router.scheduled.compactMap { connection in
                connection.schedule.map { (connection.name, $0) }
            })
        guard let courier else { return }
        let called = state.router.connections.filter { $0.signer is any BackendDelivering }.map(\.name)
        services.metrics.circuits(called.map { ($0, courier.circuitState(of: $0).rawValue) })
    }

    /// Answers a request, at once or later.
    public func reply(to request: GatewayRequest) -> GatewayReply {
        var exchange = Exchange()
        do throws(Problem) {
            switch try answer(request, &exchange) {
            case .response(let response):
                return .ready(finish(exchange, request.method, response))
            case .calls(let calls):
                return .pending(pending(calls, exchange, request.method))
            }
        } catch {
            return .ready(finish(exchange, request.method, error))
        }
    }

    /// The answer to what is no proper HTTP.
    public func refusal(_ problem: Problem) -> GatewayResponse {
        finish(Exchange(), "-", problem)
    }

    // MARK: The walk

    /// An answer, or what has to be done for one.
    enum Answer {
        case response(GatewayResponse)
        case calls(Calls)
    }

    /// What has to be waited for, and what it leads to: the audit's disk, or calls to a vendor.
    struct Calls: Sendable {
        let callsVendor: Bool
        var make: @Sendable () async throws(Problem) -> GatewayResponse
        /// Who signs, as far as it is known by now.
        let signing: @Sendable () -> Exchange.Signing
        /// Nobody waits for them any more: what is out comes to its end, and nothing else is sent.
        let abandon: @Sendable () -> Void
    }

    private func answer(_ request: GatewayRequest, _ exchange: inout Exchange) throws(Problem) -> Answer {
        let endpoint = try Endpoint.find(request.target)
        exchange.endpoint = endpoint.label
        if endpoint.isForCallers { try RequestCheck.refuseBrowsers(request) }
        try endpoint.check(request.method)
        let state = state
        switch endpoint {
        case .jwks: return .response(.published(state.publicKeys.jwks, "application/jwk-set+json"))
        case .openAPI: return .response(.published(OpenAPIDocument.bytes, "application/json"))
        case .publicKey(let name):
            guard let pem = state.publicKeys.pem(name) else { throw .notFound }
            return .response(.published(Array(pem.utf8), "application/x-pem-file"))
        case .routes:
            let caller = try caller(of: request, state, &exchange)
            return .response(.json(RouteList.json(for: caller, in: state.router)))
        case .badge(let route), .sign(let route):
            let right: CallerRight = if case .badge = endpoint { .badge } else { .sign }
            let caller = try caller(of: request, state, &exchange)
            try RequestCheck.mediaType(of: request)
            try RequestCheck.contentEncoding(of: request)
            guard request.body.count <= GatewayRequest.maximumBodyLength else { throw .bodyTooLarge }
            guard caller.mayUse(route) else { throw .routeNotAllowed(caller) }
            guard caller.rights.contains(right) else { throw .rightNotGiven(right, to: caller) }
            let desk = SigningDesk(gateway: self, state: state, caller: caller, right: right)
            return try desk.answer(route, request.body, &exchange)
        }
    }

    /// The caller, who may ask at this moment.
    private func caller(
        of request: GatewayRequest, _ state: GatewayState, _ exchange: inout Exchange
    ) throws(Problem) -> Caller {
        let caller = try RequestCheck.caller(of: request, among: state.callers)
        exchange.caller = caller.name
        if let seconds = limiter.take(caller) {
            services.metrics.limited(caller: caller.name)
            throw .rateLimited(caller, retryAfter: seconds)
        }
        return caller
    }

    // MARK: The end

    private func pending(
        _ calls: Calls, _ exchange: Exchange, _ method: String
    ) -> PendingReply {
        // Whichever ends first is the one that is recorded.
        let isFinished = Lock(false)
        let finish = { @Sendable (outcome: Result<GatewayResponse, Problem>) -> GatewayResponse in
            let isFirst = isFinished.withLock { finished in
                defer { finished = true }
                return !finished
            }
            guard isFirst else { return outcome.response(exchange.requestID) }
            var exchange = exchange
            exchange.signing = calls.signing()
            switch outcome {
            case .success(let response): return self.finish(exchange, method, response)
            case .failure(let problem): return self.finish(exchange, method, problem)
            }
        }
        return PendingReply(
            response: {
                do throws(Problem) {
                    return finish(.success(try await calls.make()))
                } catch {
                    return finish(.failure(error))
                }
            },
            abandoned: { ending in
                switch ending {
                case .deadline: finish(.failure(.requestDeadline))
                case .draining: finish(.failure(.draining))
                case .clientLeft: finish(.failure(.clientLeft))
                }
            })
    }

    private func finish(_ exchange: Exchange, _ method: String, _ problem: Problem) -> GatewayResponse {
        recorded(problem.response(requestID: exchange.requestID), exchange, method, problem)
    }

    private func finish(_ exchange: Exchange, _ method: String, _ response: GatewayResponse) -> GatewayResponse {
        var response = response
        response.headers.append(("X-Request-Id", exchange.requestID))
        return recorded(response, exchange, method, nil)
    }

    /// The response, which is recorded once it has gone out or is known not to.
    private func recorded(
        _ response: GatewayResponse, _ exchange: Exchange, _ method: String, _ problem: Problem?
    ) -> GatewayResponse {
        var response = response
        response.onEnd = { [services, status = response.status] isSent in
            let status = isSent ? status : nil
            let nanoseconds = MonotonicTime.now.nanoseconds(since: exchange.start)
            services.metrics.requestFinished(
                route: exchange.route, vendor: exchange.signing.vendor, status: status, nanoseconds: nanoseconds)
            services.log?.log(exchange.line(method: method, status: status, problem: problem, nanoseconds: nanoseconds))
        }
        return response
    }
}

extension Result<GatewayResponse, Problem> {
    fileprivate func response(_ requestID: String) -> GatewayResponse {
        switch self {
        case .success(let response): response
        case .failure(let problem): problem.response(requestID: requestID)
        }
    }
}
