import SignetConfiguration
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
    let deliveries: DeliveryClient?
    let shadow: ShadowQueue
    private let limiter = RateLimiter()
    private let current: Lock<GatewayState>

    /// Makes a gateway.
    public init(_ state: GatewayState, services: Services = Services()) {
        self.services = services
        shadow = ShadowQueue(metrics: services.metrics)
        current = Lock(state)
        deliveries = services.transport.map { transport in
            DeliveryClient(transport: transport, observer: DeliveryRecords(services: services))
        }
        services.metrics.callsInUse { [weak deliveries] in deliveries?.callsInUse(by: $0) ?? 0 }
        note(state)
    }

    /// The state in force.
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

    /// Metrics have the migrations, keys and circuits of this state, and no others.
    private func note(_ state: GatewayState) {
        services.metrics.migrations(state.router.routes)
        services.metrics.schedules(
            state.router.scheduled.compactMap { connection in
                connection.schedule.map { (connection.name, $0) }
            })
        guard let deliveries else { return }
        let called = state.router.connections.filter(\.isDelivering).map(\.name)
        services.metrics.circuits(called.map { ($0, deliveries.circuitState(of: $0).rawValue) })
    }

    /// Answers a request, at once or later.
    public func reply(to request: GatewayRequest) -> GatewayReply {
        let context = RequestContext(method: request.method)
        do throws(Problem) {
            return try reply(to: request, context)
        } catch {
            return .ready(finish(context, .failure(error)))
        }
    }

    /// The answer to a request that is not proper HTTP.
    public func refusal(_ problem: Problem) -> GatewayResponse {
        finish(RequestContext(method: "-"), .failure(problem))
    }

    // MARK: The beginning

    private func reply(to request: GatewayRequest, _ context: RequestContext) throws(Problem) -> GatewayReply {
        func ready(_ response: GatewayResponse) -> GatewayReply { .ready(finish(context, .success(response))) }
        let endpoint = try Endpoint.find(request.target)
        context.note { $0.endpoint = endpoint.label }
        if endpoint.isForCallers { try RequestCheck.refuseBrowsers(request) }
        try endpoint.check(request.method)
        let state = state
        switch endpoint {
        case .jwks: return ready(.published(state.publicKeys.jwks, "application/jwk-set+json"))
        case .openAPI: return ready(.published(OpenAPIDocument.bytes, "application/json"))
        case .publicKey(let name):
            guard let pem = state.publicKeys.pem(name) else { throw .unknownPublicKey }
            return ready(.published(Array(pem.utf8), "application/x-pem-file"))
        case .routes:
            let caller = try caller(of: request, state, context)
            return ready(.json(caller.json(with: state.router.routes)))
        case .badge(let route), .sign(let route):
            let right: CallerRight = if case .badge = endpoint { .badge } else { .sign }
            let caller = try caller(of: request, state, context)
            try RequestCheck.mediaType(of: request)
            try RequestCheck.contentEncoding(of: request)
            guard request.body.count <= GatewayRequest.maximumBodyLength else { throw .bodyTooLarge }
            guard caller.mayUse(route) else { throw .routeNotAllowed(caller) }
            guard caller.rights.contains(right) else { throw .rightNotGiven(right, to: caller) }
            let handler = try RouteHandler(
                self, state, context, route: route, caller: caller, right: right, body: request.body)
            let attempt = try handler.begin()
            if case .answered(let response) = attempt.step { return ready(response) }
            return .pending(pending(attempt, handler, context))
        }
    }

    /// The caller, who may ask at this moment.
    private func caller(
        of request: GatewayRequest, _ state: GatewayState, _ context: RequestContext
    ) throws(Problem) -> Caller {
        let caller = try RequestCheck.caller(of: request, among: state.callers)
        context.note { $0.caller = caller.name }
        if let seconds = limiter.take(caller) {
            services.metrics.limited(caller: caller.name)
            throw .rateLimited(caller, retryAfter: seconds)
        }
        return caller
    }

    // MARK: The end

    private func pending(
        _ attempt: RouteHandler.Attempt, _ handler: RouteHandler, _ context: RequestContext
    ) -> PendingReply {
        PendingReply(
            response: {
                do throws(Problem) {
                    return self.finish(context, .success(try await handler.finish(attempt)))
                } catch {
                    return self.finish(context, .failure(error))
                }
            },
            abandoned: { ending in
                switch ending {
                case .deadline: self.finish(context, .failure(.requestDeadline))
                case .draining: self.finish(context, .failure(.draining))
                case .clientLeft: self.finish(context, .failure(.clientLeft))
                }
            })
    }

    /// The response, which is recorded when it has gone out or is known not to. A request ends once: what comes after its
    /// first end is not recorded.
    private func finish(_ context: RequestContext, _ result: Result<GatewayResponse, Problem>) -> GatewayResponse {
        var response: GatewayResponse
        var problem: Problem?
        switch result {
        case .success(let success):
            response = success
            response.headers.append(("X-Request-Id", context.requestID))
        case .failure(let failure):
            response = failure.response(requestID: context.requestID)
            problem = failure
        }
        guard let known = context.end() else { return response }
        response.onEnd = { [services, status = response.status, problem] isSent in
            let status = isSent ? status : nil
            let nanoseconds = MonotonicTime.now.nanoseconds(since: context.start)
            services.metrics.requestFinished(
                route: known.route, vendor: known.vendor, status: status, nanoseconds: nanoseconds)
            services.log?.log(context.line(known, status: status, problem: problem, nanoseconds: nanoseconds))
        }
        return response
    }
}

/// Tells metrics and the log how vendors answer.
private struct DeliveryRecords: DeliveryObserving {
    let services: Gateway.Services

    func signed(_ identity: SignedIdentity, nanoseconds: UInt64) {
        services.metrics.signed(vendor: identity.vendor, connection: identity.connection, nanoseconds: nanoseconds)
    }

    func called(connection: String, outcome: DeliveryOutcome, nanoseconds: UInt64) {
        if outcome == .failed(.busy) { services.metrics.busy(connection: connection) }
        services.metrics.delivered(connection: connection, outcome: outcome.label, nanoseconds: nanoseconds)
    }

    func circuitChanged(connection: String, to state: CircuitState) {
        services.metrics.breaker(connection: connection, state: state.rawValue)
        let level: LogLine.Level = state == .open ? .warning : .info
        services.log?.log(
            LogLine(
                level, "circuit",
                [JSONMember("connection", .string(connection)), JSONMember("state", .string(state.rawValue))]))
    }
}

extension Caller {
    /// The caller's routes and rights.
    fileprivate func json(with table: RouteTable) -> JSONValue {
        let routes = table.routes.filter { mayUse($0.name) }.map { route -> JSONValue in
            ["name": .string(route.name), "connections": .array(route.connections.map(JSONValue.string))]
        }
        return [
            "caller": .string(name),
            "allow": .array(CallerRight.allCases.filter(rights.contains).map { .string($0.rawValue) }),
            "routes": .array(routes),
        ]
    }
}
