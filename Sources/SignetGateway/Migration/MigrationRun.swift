import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// One request in the middle of a move: the side it is on, the old one where the new one fails, and what is rehearsed for the
/// new one while nobody sees it.
struct MigrationRun: Sendable {
    let desk: SigningDesk
    let enquiry: SigningDesk.Enquiry
    let migration: Migration
    let decision: Migration.Decision

    func answer(_ signing: inout Exchange.Signing) throws(Problem) -> Gateway.Answer {
        if decision.stage == .shadow { rehearse() }
        let start = MonotonicTime.now
        guard mayFallBack else {
            metrics.migrationAssigned(route: enquiry.route, decision)
            return try noted(try attempt(decision, since: start, &signing), decision, since: start)
        }
        let answer: Gateway.Answer
        do throws(Problem) {
            answer = try attempt(decision, since: start, &signing)
        } catch {
            guard mayFallBack(after: error) else { throw error }
            return try fallBack(after: error.code, &signing)
        }
        // A slow disk is slow for both sides.
        if case .calls(let calls) = answer, calls.callsVendor { return .calls(race(calls, since: start)) }
        metrics.migrationAssigned(route: enquiry.route, decision)
        return try noted(answer, decision, since: start)
    }

    private var metrics: GatewayMetrics { desk.gateway.services.metrics }

    // MARK: One side

    /// Answers for the side of a decision. What fails is counted; what is answered, when its calls are made.
    private func attempt(
        _ decision: Migration.Decision, since start: MonotonicTime, _ signing: inout Exchange.Signing
    ) throws(Problem) -> Gateway.Answer {
        let connection = migration.connection(of: decision.side)
        do throws(Problem) {
            return try desk.answer(enquiry, connection, AuditEntry.Decision(decision), &signing)
        } catch {
            note(decision, error.code, since: start)
            throw error
        }
    }

    /// The same answer, which counts how it went.
    private func noted(
        _ answer: Gateway.Answer, _ decision: Migration.Decision, since start: MonotonicTime
    ) throws(Problem) -> Gateway.Answer {
        guard case .calls(var calls) = answer else {
            note(decision, nil, since: start)
            return answer
        }
        calls.make = { [make = calls.make] () async throws(Problem) -> GatewayResponse in
            do throws(Problem) {
                let response = try await make()
                note(decision, nil, since: start)
                return response
            } catch {
                note(decision, error.code, since: start)
                throw error
            }
        }
        return .calls(calls)
    }

    private func note(_ decision: Migration.Decision, _ code: String?, since start: MonotonicTime) {
        metrics.migrationAnswered(
            route: enquiry.route, decision, code: code, nanoseconds: MonotonicTime.now.nanoseconds(since: start))
    }

    // MARK: The other side

    /// Whether the old connection stands behind the new one. Also where a conversation goes on: a page that has its widget
    /// sees the reason and keeps it, and one that has none is not left without a badge.
    private var mayFallBack: Bool {
        decision.stage == .live && decision.side == .to
    }

    /// What cannot be recorded at the one side cannot be recorded at the other either.
    private func mayFallBack(after problem: Problem) -> Bool {
        problem.code != "audit-unavailable"
    }

    private func fallBack(
        after code: String, _ signing: inout Exchange.Signing
    ) throws(Problem) -> Gateway.Answer {
        var fallback = decision
        fallback.side = .from
        fallback.reason = .fallback
        metrics.migrationAssigned(route: enquiry.route, fallback)
        let start = MonotonicTime.now
        defer { signing.fallback = Exchange.Fallback(connection: migration.to, code: code) }
        return try noted(try attempt(fallback, since: start, &signing), fallback, since: start)
    }

    /// The new side's calls, and the old side's answer where they fail or take too long.
    private func race(_ calls: Gateway.Calls, since start: MonotonicTime) -> Gateway.Calls {
        let signing = Lock(calls.signing)
        return Gateway.Calls(
            callsVendor: true,
            make: { () async throws(Problem) -> GatewayResponse in
                let outcome = await TimeLimit.run(within: migration.fallbackAfter) {
                    () async -> Result<GatewayResponse, Problem> in
                    do throws(Problem) {
                        return .success(try await calls.make())
                    } catch {
                        return .failure(error)
                    }
                }
                switch outcome {
                case .success(let response)?:
                    metrics.migrationAssigned(route: enquiry.route, decision)
                    note(decision, nil, since: start)
                    return response
                case .failure(let problem)?:
                    note(decision, problem.code, since: start)
                    guard mayFallBack(after: problem) else { throw problem }
                    return try await fallBack(after: problem.code, signing)
                case nil:
                    // The call that is out goes on to its own end, so that the circuit breaker hears of it.
                    calls.abandon()
                    note(decision, Self.tooSlow, since: start)
                    return try await fallBack(after: Self.tooSlow, signing)
                }
            },
            signing: { signing.withLock { $0 }() }, abandon: calls.abandon)
    }

    /// The code of what took longer than `fallbackAfter`.
    private static let tooSlow = "fallback-after"

    private func fallBack(
        after code: String, _ current: Lock<@Sendable () -> Exchange.Signing>
    ) async throws(Problem) -> GatewayResponse {
        var signing = Exchange.Signing()
        let answer: Gateway.Answer
        do throws(Problem) {
            answer = try fallBack(after: code, &signing)
        } catch {
            current.withLock { [signing] in $0 = { signing } }
            throw error
        }
        switch answer {
        case .response(let response):
            current.withLock { [signing] in $0 = { signing } }
            return response
        case .calls(let calls):
            current.withLock { [fallback = signing.fallback] in
                $0 = {
                    var signing = calls.signing()
                    signing.fallback = fallback
                    return signing
                }
            }
            return try await calls.make()
        }
    }

    // MARK: The new side, unseen

    private func rehearse() {
        desk.gateway.shadow.add(
            ShadowQueue.Job(
                route: enquiry.route, migration: migration, decision: decision, request: enquiry.request,
                requestID: enquiry.context.requestID, router: desk.state.router))
    }
}

extension AuditEntry.Decision {
    init(_ decision: Migration.Decision) {
        self.init(side: decision.side.rawValue, reason: decision.reason.rawValue)
    }
}
