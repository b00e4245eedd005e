import SignetIdentity
import SignetJOSE
import SignetRouting

/// One request in the middle of a move: the side it is on, the old one where the new one fails, and what is rehearsed for the
/// new one while nobody sees it.
struct MigrationRun: Sendable {
    let desk: SigningDesk
    let enquiry: SigningDesk.Enquiry
    let migration: Migration
    let decision: Migration.Decision

    func answer(_ signing: inout Exchange.Signing) throws(Problem) -> Gateway.Answer {
        if decision.stage == .shadow { rehearse() }
        guard decision.stage == .live, decision.side == .to else {
            return try attempt(decision, isLast: true, &signing)
        }
        let answer: Gateway.Answer
        do throws(Problem) {
            answer = try attempt(decision, isLast: false, &signing)
        } catch {
            guard mayFallBack(after: error) else { throw error }
            return try attempt(fallback, isLast: true, &signing)
        }
        switch answer {
        case .response: return answer
        case .calls(let calls): return .calls(race(calls))
        }
    }

    private var metrics: GatewayMetrics { desk.gateway.services.metrics }

    // MARK: One side

    /// Answers for the side of a decision, and counts how that went.
    ///
    /// - Parameter isLast: Whether there is no other side to turn to, so that this is where the request belongs.
    private func attempt(
        _ decision: Migration.Decision, isLast: Bool, _ signing: inout Exchange.Signing
    ) throws(Problem) -> Gateway.Answer {
        let start = MonotonicTime.now
        if isLast { metrics.migrationAssigned(route: enquiry.route, decision) }
        do throws(Problem) {
            let connection = migration.connection(of: decision.side)
            switch try desk.answer(enquiry, connection, AuditEntry.Decision(decision), &signing) {
            case .response(let response):
                if !isLast { metrics.migrationAssigned(route: enquiry.route, decision) }
                note(decision, nil, since: start)
                return .response(response)
            case .calls(let calls): return .calls(noted(calls, decision, since: start))
            }
        } catch {
            note(decision, error.code, since: start)
            throw error
        }
    }

    private func noted(
        _ calls: Gateway.Calls, _ decision: Migration.Decision, since start: MonotonicTime
    ) -> Gateway.Calls {
        Gateway.Calls(
            make: { () async throws(Problem) -> GatewayResponse in
                do throws(Problem) {
                    let response = try await calls.make()
                    note(decision, nil, since: start)
                    return response
                } catch {
                    // Whoever is no longer waited for has been counted as that.
                    if !Task.isCancelled { note(decision, error.code, since: start) }
                    throw error
                }
            },
            signing: calls.signing)
    }

    private func note(_ decision: Migration.Decision, _ code: String?, since start: MonotonicTime) {
        metrics.migrationAnswered(
            route: enquiry.route, decision, code: code, nanoseconds: MonotonicTime.now.nanoseconds(since: start))
    }

    // MARK: The other side

    private var fallback: Migration.Decision {
        var decision = decision
        decision.side = .from
        decision.reason = .fallback
        return decision
    }

    /// What cannot be recorded at the one side cannot be recorded at the other either.
    private func mayFallBack(after problem: Problem) -> Bool {
        problem.code != "audit-unavailable"
    }

    /// The new side's calls, and the old side's answer where they fail or take too long.
    private func race(_ calls: Gateway.Calls) -> Gateway.Calls {
        let signing = Lock(calls.signing)
        return Gateway.Calls(
            make: { () async throws(Problem) -> GatewayResponse in
                let outcome = await TimeLimit.run(within: migration.fallbackAfter) {
                    () async -> Result<GatewayResponse, Problem> in
                    // On a busy machine the time can be over before it begins: then nothing is signed for it.
                    guard !Task.isCancelled else { return .failure(.draining) }
                    do throws(Problem) {
                        return .success(try await calls.make())
                    } catch {
                        return .failure(error)
                    }
                }
                switch outcome {
                case .success(let response)?:
                    metrics.migrationAssigned(route: enquiry.route, decision)
                    return response
                case .failure(let problem)? where !mayFallBack(after: problem): throw problem
                case .failure?: break
                case nil: metrics.migrationTimedOut(route: enquiry.route, decision)
                }
                return try await fallBack(signing)
            },
            signing: { signing.withLock { $0 }() })
    }

    private func fallBack(
        _ current: Lock<@Sendable () -> Exchange.Signing>
    ) async throws(Problem) -> GatewayResponse {
        var signing = Exchange.Signing()
        do throws(Problem) {
            switch try attempt(fallback, isLast: true, &signing) {
            case .response(let response):
                current.withLock { [signing] in $0 = { signing } }
                return response
            case .calls(let calls):
                current.withLock { $0 = calls.signing }
                return try await calls.make()
            }
        } catch {
            if signing.key != nil || signing.connection != nil { current.withLock { [signing] in $0 = { signing } } }
            throw error
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
