import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Answers one caller's request for a route. In stage `live` of a migration the old connection answers where the new one
/// fails or takes too long.
final class RouteHandler: Sendable {
    private let gateway: Gateway
    private let router: Router
    private let route: Route
    private let signing: SigningHandler

    /// One connection's answer, as far as it is.
    struct Attempt: Sendable {
        fileprivate let side: Side
        let step: SigningHandler.Step
    }

    /// The connection that a request goes to, and its side of a migration.
    fileprivate struct Side: Sendable {
        let connection: VendorConnection
        let migration: Migration?
        let decision: Migration.Decision?
        let start = MonotonicTime.now

        /// Whether the old connection answers if this one does not. Also where a conversation goes on here: the page sees
        /// the reason and keeps its widget, and a page without a widget is not left without a badge.
        var hasFallback: Bool { decision?.stage == .live && decision?.side == .to }
    }

    /// Reads a request.
    ///
    /// - Throws: ``Problem`` for a route that does not exist, before the body is read; and for a body without an identity.
    init(
        _ gateway: Gateway, _ state: GatewayState, _ context: RequestContext, route name: String, caller: Caller,
        right: CallerRight, body: [UInt8]
    ) throws(Problem) {
        guard let route = state.router.routes.route(exactly: name) else {
            throw .unknownRoute(name, in: state.router.routes, for: caller)
        }
        context.note { $0.route = route.name }
        let request: SigningRequest
        do {
            request = try SigningRequest(json: body)
        } catch {
            throw Problem(error)
        }
        // Members that nothing reads are logged and counted. They do not change the answer.
        let unread = state.router.unread(in: request, for: route.name)
        if unread.count > 0 { gateway.services.metrics.unread(caller: caller.name, count: unread.count) }
        let subjectTag = state.subjects.tag(for: request.identity)
        context.note { known in
            known.unread = unread
            known.subjectTag = subjectTag
        }
        self.gateway = gateway
        self.route = route
        router = state.router
        signing = SigningHandler(
            services: gateway.services, deliveries: gateway.deliveries, settings: state.delivery, context: context,
            caller: caller.name, right: right, route: route.name, request: request,
            circumstances: SigningContext(requestID: context.requestID, route: route.name), subjectTag: subjectTag)
    }

    // MARK: The way through

    /// Goes as far as it can without waiting.
    func begin() throws(Problem) -> Attempt {
        let choice = route.choose(for: RouteQuery(signing.request))
        if let migration = route.migration, let decision = choice.decision, decision.stage == .shadow {
            gateway.shadow.add(
                ShadowQueue.Job(
                    route: route.name, migration: migration, decision: decision, request: signing.request,
                    requestID: signing.context.requestID, router: router))
        }
        return try begin(try side(choice.connection, choice.decision))
    }

    /// Waits for the audit or the vendor.
    func finish(_ attempt: Attempt) async throws(Problem) -> GatewayResponse {
        if case .answered(let response) = attempt.step { return response }
        let side = attempt.side
        do {
            let response = try await answer(attempt)
            settle(side)
            return response
        } catch {
            return try await finish(try fallBack(from: side, after: error))
        }
    }

    private func begin(_ side: Side) throws(Problem) -> Attempt {
        let step: SigningHandler.Step
        do {
            step = try signing.begin(on: side.connection, side.decision)
        } catch {
            return try fallBack(from: side, after: error)
        }
        if case .answered = step { settle(side) }
        return Attempt(side: side, step: step)
    }

    /// The answer of one side; of the new one's vendor, only within the migration's limit.
    private func answer(_ attempt: Attempt) async throws(Problem) -> GatewayResponse {
        let side = attempt.side
        guard side.hasFallback, let migration = side.migration, case .delivering(let run, _) = attempt.step else {
            // A slow disk is slow for both sides: there is no limit for it.
            return try await signing.finish(attempt.step, on: side.connection, side.decision)
        }
        let outcome = await TimeLimit.run(within: migration.fallbackAfter) {
            () async -> Result<GatewayResponse, Problem> in
            do throws(Problem) {
                return .success(try await self.signing.finish(attempt.step, on: side.connection, side.decision))
            } catch {
                return .failure(error)
            }
        }
        guard let outcome else {
            // The call that is out goes on to its own end, so that the circuit breaker hears of it.
            run.abandon()
            throw .newConnectionTooSlow
        }
        return try outcome.get()
    }

    /// The old connection's attempt, or the problem itself where no other connection may answer.
    private func fallBack(from side: Side, after problem: Problem) throws(Problem) -> Attempt {
        note(side, problem)
        // What cannot be recorded for one side cannot be recorded for the other.
        guard side.hasFallback, let migration = side.migration, var decision = side.decision,
            problem.code != "audit-unavailable"
        else {
            assign(side)
            throw problem
        }
        signing.context.note { $0.fallback = .init(connection: migration.to, code: problem.code) }
        decision.side = .from
        decision.reason = .fallback
        return try begin(try self.side(migration.from, decision))
    }

    /// The moment of signing is the moment for which the key is chosen.
    private func side(_ connection: String, _ decision: Migration.Decision?) throws(Problem) -> Side {
        do {
            return Side(
                connection: try router.connection(connection, at: signing.circumstances.time),
                migration: route.migration, decision: decision)
        } catch {
            throw Problem(error)
        }
    }

    // MARK: What is counted

    /// The side has answered.
    private func settle(_ side: Side) {
        note(side, nil)
        assign(side)
    }

    private func note(_ side: Side, _ problem: Problem?) {
        guard let decision = side.decision else { return }
        gateway.services.metrics.migrationAnswered(
            route: route.name, decision, code: problem?.code,
            nanoseconds: MonotonicTime.now.nanoseconds(since: side.start))
    }

    private func assign(_ side: Side) {
        guard let decision = side.decision else { return }
        gateway.services.metrics.migrationAssigned(route: route.name, decision)
    }
}

extension Problem {
    fileprivate static func unknownRoute(_ name: String, in routes: RouteTable, for caller: Caller) -> Problem {
        // A wrong name must not cost more than a right one, or one caller's mistakes slow down the others.
        let isLong = routes.routes.count > NearestName.longestList
        return .unknownRoute(name, among: isLong ? [] : routes.routes.map(\.name).filter(caller.mayUse))
    }
}

/// Waits for something asynchronous, but not longer than a limit.
private enum TimeLimit {
    /// What the operation returns, or nil when the time is over. A late operation goes on to its own end. Cancellation
    /// reaches the operation, and then its end is waited for.
    static func run<Outcome: Sendable>(
        within milliseconds: Int64, _ operation: @escaping @Sendable () async -> Outcome
    ) async -> Outcome? {
        let (outcomes, first) = AsyncStream<Outcome?>.makeStream()
        let operation = Task { first.yield(await operation()) }
        let timer = Task {
            try await Task.sleep(nanoseconds: UInt64(milliseconds) * 1_000_000)
            first.yield(nil)
        }
        // A task of its own: a stream that is read by a cancelled task ends at once.
        let outcome = Task { await outcomes.first { _ in true } ?? nil }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await outcome.value
        } onCancel: {
            timer.cancel()
            operation.cancel()
        }
    }
}
