import SignetIdentity

/// The calls that one request makes, within one budget of time.
///
/// A call is tried again after a failure to connect, a connection that broke before an answer, a 429 and a 5xx; with a
/// fresh signature each time, after a pause of random length or the one that `Retry-After` asks for. It is not tried again
/// after a time-out, another 4xx, a redirect or a senseless answer, nor when the pause would not fit the budget.
public struct DeliveryRun: VendorCalling {
    private let connection: String
    private let settings: DeliverySettings
    private let deadline: MonotonicTime
    private let transport: any VendorTransport
    private let observer: (any DeliveryObserving)?
    private let clock: DeliveryClock
    private let breaker: CircuitBreaker

    package init(
        connection: String, settings: DeliverySettings, deadline: MonotonicTime, transport: any VendorTransport,
        observer: (any DeliveryObserving)?, clock: DeliveryClock, breaker: CircuitBreaker
    ) {
        self.connection = connection
        self.settings = settings
        self.deadline = deadline
        self.transport = transport
        self.observer = observer
        self.clock = clock
        self.breaker = breaker
    }

    /// Sends one request, if need be several times.
    public func call(
        _ purpose: String, signing sign: @escaping @Sendable (NumericDate) async throws(SigningError) -> SignedIdentity
    ) async throws(DeliveryError) -> VendorAnswer {
        let start = clock.now()
        let permit: CircuitBreaker.Permit
        switch breaker.admit(at: start) {
        case .admitted(let admitted): permit = admitted
        case .refused(let seconds):
            observer?.called(connection: connection, outcome: .failed(.circuitOpen), nanoseconds: 0)
            throw DeliveryError(
                .circuitOpen, "the vendor failed too often in a row and is left alone for a while",
                hint: "ask again in \(seconds) s", retryAfter: seconds)
        }
        do throws(DeliveryFault) {
            let answer = try await tries(purpose, permit, sign)
            end(.delivered, .works, permit, since: start)
            return answer
        } catch {
            end(.failed(error.error.kind), error.verdict, permit, since: start)
            throw error.error
        }
    }

    private func end(
        _ outcome: DeliveryOutcome, _ verdict: CircuitBreaker.Verdict, _ permit: CircuitBreaker.Permit,
        since start: MonotonicTime
    ) {
        let now = clock.now()
        breaker.record(verdict, for: permit, at: now)
        observer?.called(connection: connection, outcome: outcome, nanoseconds: now.nanoseconds(since: start))
    }

    private func tries(
        _ purpose: String, _ permit: CircuitBreaker.Permit,
        _ sign: @Sendable (NumericDate) async throws(SigningError) -> SignedIdentity
    ) async throws(DeliveryFault) -> VendorAnswer {
        var number = 1
        while true {
            let fault: DeliveryFault
            do throws(DeliveryFault) {
                return try await once(purpose, sign)
            } catch {
                fault = error
            }
            guard fault.mayBeTriedAgain, number < settings.attempts else { throw fault }
            let asked = Int64(fault.error.retryAfter ?? 0) * 1_000
            let pause = max(BackOff.pause(afterTry: number, random: clock.random), asked)
            guard pause < left else { throw fault }
            do {
                try await clock.sleep(pause)
            } catch {
                throw DeliveryFault(.draining, to: purpose)
            }
            // When others have found meanwhile that the vendor is down, it is not asked again.
            guard breaker.holds(permit) else { throw fault }
            number += 1
        }
    }

    private func once(
        _ purpose: String, _ sign: @Sendable (NumericDate) async throws(SigningError) -> SignedIdentity
    ) async throws(DeliveryFault) -> VendorAnswer {
        let left = left
        guard left > 0 else { throw DeliveryFault(.timedOut, to: purpose) }
        let request = try await request(purpose, sign)
        let limits = TransportLimits(connect: min(settings.connect, left), total: min(settings.call, left))
        let answer: VendorAnswer
        do {
            answer = try await transport.send(request, within: limits)
        } catch {
            throw DeliveryFault(error, to: purpose)
        }
        if let fault = DeliveryFault(answer, to: purpose, at: clock.date()) { throw fault }
        return answer
    }

    private func request(
        _ purpose: String, _ sign: @Sendable (NumericDate) async throws(SigningError) -> SignedIdentity
    ) async throws(DeliveryFault) -> VendorRequest {
        let signed: SignedIdentity
        do {
            signed = try await sign(clock.date())
        } catch {
            throw DeliveryFault(.signing, to: purpose, error.reason, hint: error.hint)
        }
        guard case .backend(let token) = signed.token else { throw DeliveryFault(.signing, to: purpose) }
        return token.request
    }

    /// What is left of the budget, in milliseconds.
    private var left: Int64 {
        clock.now().milliseconds(until: deadline)
    }
}
