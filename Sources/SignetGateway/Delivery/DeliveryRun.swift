import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetSystem

/// The calls that one request makes, one after the other, within one budget of time and in one place of the connection's
/// share. The identity of the first call is recorded before it is sent; the later calls belong to it.
///
/// A call is tried again after a failure to connect, a connection that broke before an answer, a 429 and a 5xx; with a
/// fresh signature each time, after a pause of random length or the one that `Retry-After` asks for. It is not tried again
/// after a time-out, another 4xx, a redirect or an answer that makes no sense, nor when the pause would not fit the budget.
/// The circuit breaker counts every try.
package final class DeliveryRun: VendorCalling {
    /// Records a signed identity.
    package typealias Recording = @Sendable (SignedIdentity) async throws(SignetError) -> Void

    private let identity: Identity
    private let context: SigningContext
    private let connection: VendorConnection
    private let settings: DeliverySettings
    private let deadline: MonotonicTime
    private let transport: any VendorTransport
    private let observer: (any DeliveryObserving)?
    private let clock: DeliveryClock
    private let breaker: CircuitBreaker
    private let shares: CallShares
    private let record: Recording?
    private let progress = Lock(Progress())

    private struct Progress {
        /// Whether the request has a place in the connection's share.
        var hasPlace = false
        /// Whether the first identity is recorded.
        var isRecorded = false
        var auditError: SignetError?
        var isAbandoned = false
    }

    package init(
        _ identity: Identity, in context: SigningContext, on connection: VendorConnection, settings: DeliverySettings,
        deadline: MonotonicTime, transport: any VendorTransport, observer: (any DeliveryObserving)?,
        clock: DeliveryClock,
        breaker: CircuitBreaker, shares: CallShares, record: Recording? = nil
    ) {
        self.identity = identity
        self.context = context
        self.connection = connection
        self.settings = settings
        self.deadline = deadline
        self.transport = transport
        self.observer = observer
        self.clock = clock
        self.breaker = breaker
        self.shares = shares
        self.record = record
    }

    deinit {
        end()
    }

    /// Sends one request, if need be several times.
    ///
    /// The next call keeps the place in the connection's share. ``end()`` gives it back, and so does a failure.
    package func call(
        _ purpose: String, for session: SessionPurpose, isNamedByPage: Bool
    ) async throws(DeliveryError) -> VendorAnswer {
        guard !isAbandoned else { throw DeliveryError(.timedOut, Self.abandonedReason(purpose)) }
        let call = Call(purpose: purpose, session: session, isNamedByPage: isNamedByPage)
        guard progress.withLock({ $0.isRecorded }) else { return try await observed(call) }
        // A session without its identity helps nobody, so a later call does not end with a task whose client has left.
        return try await Task { () async -> Result<VendorAnswer, DeliveryError> in
            do throws(DeliveryError) {
                return .success(try await observed(call))
            } catch {
                return .failure(error)
            }
        }.value.get()
    }

    /// No further call is made. The place in the connection's share is free for others.
    package func end() {
        progress.withLock { progress in
            if progress.hasPlace { shares.release(for: connection.name) }
            progress.hasPlace = false
        }
    }

    /// The result is not needed any more: nothing is sent after the call in progress.
    package func abandon() {
        progress.withLock { $0.isAbandoned = true }
    }

    /// Why the first identity was not recorded, if that is what ended the calls.
    package var auditError: SignetError? {
        progress.withLock { $0.auditError }
    }

    private var isAbandoned: Bool {
        progress.withLock { $0.isAbandoned }
    }

    private static func abandonedReason(_ purpose: String) -> String {
        "the request that \(purpose) was abandoned"
    }

    /// Takes a place in the connection's share, unless the request has one; false when the share is full.
    private func takePlace() -> Bool {
        progress.withLock { progress in
            if !progress.hasPlace {
                progress.hasPlace = shares.take(for: connection.name, of: settings.perConnection)
            }
            return progress.hasPlace
        }
    }

    /// One call, which can take several tries.
    private struct Call: Sendable {
        let purpose: String
        let session: SessionPurpose
        let isNamedByPage: Bool
    }

    private func observed(_ call: Call) async throws(DeliveryError) -> VendorAnswer {
        let start = clock.now()
        let result: Result<VendorAnswer, DeliveryError>
        do throws(DeliveryFault) {
            // The share comes first: a call that it refuses must not be the trial of a half-open circuit.
            guard takePlace() else { throw .busy(connection.name, limit: settings.perConnection) }
            result = .success(try await tries(call))
        } catch {
            end()
            result = .failure(error.error)
        }
        let outcome: DeliveryOutcome = if case .failure(let error) = result { .failed(error.kind) } else { .delivered }
        observer?.called(
            connection: connection.name, outcome: outcome, nanoseconds: clock.now().nanoseconds(since: start))
        return try result.get()
    }

    private func tries(_ call: Call) async throws(DeliveryFault) -> VendorAnswer {
        var number = 1
        var last: DeliveryFault?
        while true {
            let permit: CircuitBreaker.Permit
            switch breaker.admit(at: clock.now(), isNamedByPage: call.isNamedByPage) {
            case .admitted(let admitted): permit = admitted
            // Other requests may have found meanwhile that the vendor is down.
            case .refused(let seconds): throw last ?? .circuitOpen(retryAfter: seconds)
            }
            let fault: DeliveryFault
            do throws(DeliveryFault) {
                let answer = try await once(call)
                breaker.record(.works, for: permit, at: clock.now())
                return answer
            } catch {
                fault = error
            }
            breaker.record(fault.verdict(isNamedByPage: call.isNamedByPage), for: permit, at: clock.now())
            guard fault.mayBeTriedAgain, number < settings.attempts, breaker.state(at: clock.now()) != .open else {
                throw fault
            }
            let asked = Int64(fault.error.retryAfter ?? 0) * 1_000
            try await pause(
                max(BackOff.pause(afterTry: number, random: clock.random), asked), after: fault, call.purpose)
            last = fault
            number += 1
        }
    }

    /// Waits before the next try. Other requests may take the place meanwhile.
    private func pause(
        _ milliseconds: Int64, after fault: DeliveryFault, _ purpose: String
    ) async throws(DeliveryFault) {
        guard milliseconds < left else { throw fault }
        end()
        do {
            try await clock.sleep(milliseconds)
        } catch {
            throw DeliveryFault(.draining, to: purpose)
        }
        guard takePlace() else { throw fault }
    }

    private func once(_ call: Call) async throws(DeliveryFault) -> VendorAnswer {
        let purpose = call.purpose
        guard left > 0 else { throw DeliveryFault(.timedOut, to: purpose) }
        let request = try await request(call)
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
        if let fault = DeliveryFault(answer, to: purpose) { throw fault }
        return answer
    }

    private func request(_ call: Call) async throws(DeliveryFault) -> VendorRequest {
        let purpose = call.purpose
        guard !isAbandoned else { throw DeliveryFault(.signing, to: purpose, Self.abandonedReason(purpose)) }
        let start = MonotonicTime.now
        let signed: SignedIdentity
        do {
            var context = context
            context.session = call.session
            context.time = clock.date()
            signed = try connection.sign(identity, in: context)
        } catch {
            throw DeliveryFault(.signing, to: purpose, error.reason, hint: error.hint)
        }
        observer?.signed(signed, nanoseconds: MonotonicTime.now.nanoseconds(since: start))
        try await recordFirst(signed, purpose)
        // The disk may have taken longer than anybody waits.
        guard !isAbandoned else { throw DeliveryFault(.signing, to: purpose, Self.abandonedReason(purpose)) }
        guard case .backend(let token) = signed.token else { throw DeliveryFault(.signing, to: purpose) }
        return token.request
    }

    /// Records the identity, unless one is recorded: a later try and a later call belong to the same request.
    private func recordFirst(_ signed: SignedIdentity, _ purpose: String) async throws(DeliveryFault) {
        // The calls of one request come one after the other, so no other task records in between.
        guard !progress.withLock({ $0.isRecorded }) else { return }
        do {
            try await record?(signed)
            progress.withLock { $0.isRecorded = true }
        } catch {
            progress.withLock { $0.auditError = error }
            throw DeliveryFault(.signing, to: purpose, error.reason)
        }
    }

    /// What is left of the budget, in milliseconds.
    private var left: Int64 {
        clock.now().milliseconds(until: deadline)
    }
}

/// How long to wait before the next try: a random time up to a limit that doubles, so that requests that failed together
/// do not come back together.
package enum BackOff {
    /// The limit after the first try, in milliseconds.
    package static let base: Int64 = 100
    /// The highest limit, in milliseconds.
    package static let cap: Int64 = 2_000

    /// The pause after a try; the first is number 1.
    package static func pause(afterTry number: Int, random: (ClosedRange<Int64>) -> Int64) -> Int64 {
        let doublings = min(max(number - 1, 0), 16)
        return random(0...min(base << doublings, cap))
    }
}

/// The time, the pauses and the random numbers of delivery, so that tests need not wait.
package struct DeliveryClock: Sendable {
    package var now: @Sendable () -> MonotonicTime
    package var date: @Sendable () -> NumericDate
    /// Waits some milliseconds, unless the task is cancelled.
    package var sleep: @Sendable (Int64) async throws(CancellationError) -> Void
    package var random: @Sendable (ClosedRange<Int64>) -> Int64

    package init(
        now: @escaping @Sendable () -> MonotonicTime, date: @escaping @Sendable () -> NumericDate,
        sleep: @escaping @Sendable (Int64) async throws(CancellationError) -> Void,
        random: @escaping @Sendable (ClosedRange<Int64>) -> Int64
    ) {
        self.now = now
        self.date = date
        self.sleep = sleep
        self.random = random
    }

    /// The machine's own.
    package static let system = DeliveryClock(
        now: { MonotonicTime.now }, date: { NumericDate.now },
        sleep: { milliseconds throws(CancellationError) in
            do {
                try await Task.sleep(nanoseconds: UInt64(max(milliseconds, 0)) * 1_000_000)
            } catch {
                throw CancellationError()
            }
        },
        random: { Int64.random(in: $0) })
}
