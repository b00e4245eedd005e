import SignetConfiguration
import SignetIdentity
import SignetSystem

/// The calls that one request makes, one after the other, within one budget of time and in one place of the connection's
/// share.
///
/// A call is tried again after a failure to connect, a connection that broke before an answer, a 429 and a 5xx; with a
/// fresh signature each time, after a pause of random length or the one that `Retry-After` asks for. It is not tried again
/// after a time-out, another 4xx, a redirect or a senseless answer, nor when the pause would not fit the budget. The
/// circuit breaker counts every try.
public struct DeliveryRun: VendorCalling {
    private let connection: String
    private let settings: DeliverySettings
    private let deadline: MonotonicTime
    private let transport: any VendorTransport
    private let observer: (any DeliveryObserving)?
    private let clock: DeliveryClock
    private let breaker: CircuitBreaker
    private let place: CallShares.Place

    package init(
        connection: String, settings: DeliverySettings, deadline: MonotonicTime, transport: any VendorTransport,
        observer: (any DeliveryObserving)?, clock: DeliveryClock, breaker: CircuitBreaker, shares: CallShares
    ) {
        self.connection = connection
        self.settings = settings
        self.deadline = deadline
        self.transport = transport
        self.observer = observer
        self.clock = clock
        self.breaker = breaker
        place = CallShares.Place(in: shares, for: connection, limit: settings.perConnection)
    }

    /// Sends one request, if need be several times.
    ///
    /// The place in the connection's share is kept for the next call; ``end()`` gives it back, and so does a failure.
    public func call(
        _ purpose: String, isNamedByPage: Bool,
        signing sign: @escaping @Sendable (NumericDate) async throws(SignetError) -> SignedIdentity
    ) async throws(DeliveryError) -> VendorAnswer {
        let start = clock.now()
        do throws(DeliveryFault) {
            // The share comes first: a call that it refuses is none that a half-open circuit waits for.
            guard place.take() else { throw .busy(connection, limit: settings.perConnection) }
            let answer = try await tries(purpose, isNamedByPage, sign)
            heard(.delivered, since: start)
            return answer
        } catch {
            place.release()
            heard(.failed(error.error.kind), since: start)
            throw error.error
        }
    }

    /// Nothing more is called: the place in the connection's share is free for others.
    package func end() {
        place.release()
    }

    private func heard(_ outcome: DeliveryOutcome, since start: MonotonicTime) {
        observer?.called(
            connection: connection, outcome: outcome, nanoseconds: clock.now().nanoseconds(since: start))
    }

    private func tries(
        _ purpose: String, _ isNamedByPage: Bool,
        _ sign: @Sendable (NumericDate) async throws(SignetError) -> SignedIdentity
    ) async throws(DeliveryFault) -> VendorAnswer {
        var number = 1
        var last: DeliveryFault?
        while true {
            let permit: CircuitBreaker.Permit
            switch breaker.admit(at: clock.now(), isNamedByPage: isNamedByPage) {
            case .admitted(let admitted): permit = admitted
            // When others have found meanwhile that the vendor is down, it is not asked again.
            case .refused(let seconds): throw last ?? .circuitOpen(retryAfter: seconds)
            }
            let fault: DeliveryFault
            do throws(DeliveryFault) {
                let answer = try await once(purpose, sign)
                breaker.record(.works, for: permit, at: clock.now())
                return answer
            } catch {
                fault = error
            }
            breaker.record(fault.verdict(isNamedByPage: isNamedByPage), for: permit, at: clock.now())
            guard fault.mayBeTriedAgain, number < settings.attempts, breaker.state(at: clock.now()) != .open else {
                throw fault
            }
            let asked = Int64(fault.error.retryAfter ?? 0) * 1_000
            try await pause(max(BackOff.pause(afterTry: number, random: clock.random), asked), after: fault, purpose)
            last = fault
            number += 1
        }
    }

    /// Waits before the next try. Others may have the place meanwhile.
    private func pause(
        _ milliseconds: Int64, after fault: DeliveryFault, _ purpose: String
    ) async throws(DeliveryFault) {
        guard milliseconds < left else { throw fault }
        place.release()
        do {
            try await clock.sleep(milliseconds)
        } catch {
            throw DeliveryFault(.draining, to: purpose)
        }
        guard place.take() else { throw fault }
    }

    private func once(
        _ purpose: String, _ sign: @Sendable (NumericDate) async throws(SignetError) -> SignedIdentity
    ) async throws(DeliveryFault) -> VendorAnswer {
        guard left > 0 else { throw DeliveryFault(.timedOut, to: purpose) }
        let request = try await request(purpose, sign)
        // Recording it may have taken some of the time.
        let left = left
        guard left > 0 else { throw DeliveryFault(.timedOut, to: purpose) }
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
        _ purpose: String, _ sign: @Sendable (NumericDate) async throws(SignetError) -> SignedIdentity
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
