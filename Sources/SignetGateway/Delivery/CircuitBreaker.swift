import SignetIdentity
import SignetJOSE
import SignetSystem

/// What a circuit breaker does with the next call.
package enum CircuitState: String, Sendable, CaseIterable {
    /// The call is made.
    case closed
    /// The call is refused: the vendor failed too often, and the pause is not over.
    case open
    /// One call is made, to see whether the vendor works again; the others are refused.
    case halfOpen = "half-open"
}

/// Stops calling a vendor that keeps failing: no request waits for an answer that will not come, and the vendor gets time
/// to recover.
package final class CircuitBreaker: Sendable {
    /// How many calls in a row have to fail. Each try counts.
    package static let failureLimit = 5
    /// How long the vendor is not called then, in milliseconds.
    package static let pause: Int64 = 10_000

    /// What a call says of the vendor.
    package enum Verdict: Sendable {
        /// It works.
        case works
        /// It does not work.
        case fails
        /// Nothing: it asked the gateway to wait, or the call did not come to its end.
        case unknown
    }

    /// Permission for one call. The result counts only while the circuit has not changed.
    package struct Permit: Sendable {
        fileprivate let period: UInt64
    }

    /// Whether a call may be made.
    package enum Admission: Sendable {
        case admitted(Permit)
        /// No call for so many seconds.
        case refused(retryAfter: Int)
    }

    private enum Phase {
        case closed(failures: Int)
        case open(until: MonotonicTime)
        case halfOpen(isTrying: Bool)
    }

    private struct Circuit {
        var phase = Phase.closed(failures: 0)
        /// Counts the changes: a call that began before a change says nothing about the time after it.
        var period: UInt64 = 0

        mutating func change(to phase: Phase) {
            self.phase = phase
            period += 1
        }
    }

    private let circuit = Lock(Circuit())
    private let changed: @Sendable (CircuitState) -> Void

    /// Makes a closed circuit breaker.
    package init(changed: @escaping @Sendable (CircuitState) -> Void = { _ in }) {
        self.changed = changed
    }

    /// What happens to a call now.
    package func state(at now: MonotonicTime) -> CircuitState {
        circuit.withLock { circuit in
            switch circuit.phase {
            case .closed: .closed
            case .open(let end): now < end ? .open : .halfOpen
            case .halfOpen: .halfOpen
            }
        }
    }

    /// Asks for permission to call. The result has to be recorded.
    ///
    /// - Parameter isNamedByPage: Whether a page named what the call is about. Such a call is not the trial of a half-open circuit: a
    ///   page could keep other callers from it.
    package func admit(at now: MonotonicTime, isNamedByPage: Bool = false) -> Admission {
        let (admission, change) = circuit.withLock { circuit -> (Admission, CircuitState?) in
            switch circuit.phase {
            case .closed:
                return (.admitted(Permit(period: circuit.period)), nil)
            case .open(let end) where now < end:
                return (.refused(retryAfter: Int((now.milliseconds(until: end) + 999) / 1_000)), nil)
            case .open:
                circuit.change(to: .halfOpen(isTrying: !isNamedByPage))
                return (.admitted(Permit(period: circuit.period)), .halfOpen)
            case .halfOpen where isNamedByPage:
                return (.admitted(Permit(period: circuit.period)), nil)
            case .halfOpen(isTrying: true):
                return (.refused(retryAfter: 1), nil)
            case .halfOpen(isTrying: false):
                circuit.phase = .halfOpen(isTrying: true)
                return (.admitted(Permit(period: circuit.period)), nil)
            }
        }
        if let change { changed(change) }
        return admission
    }

    /// Records the result of a call.
    package func record(_ verdict: Verdict, for permit: Permit, at now: MonotonicTime) {
        let change = circuit.withLock { circuit -> CircuitState? in
            guard circuit.period == permit.period else { return nil }
            let open = Phase.open(until: now.advanced(byMilliseconds: Self.pause))
            switch (circuit.phase, verdict) {
            case (.closed, .works):
                circuit.phase = .closed(failures: 0)
            case (.closed(let failures), .fails) where failures + 1 < Self.failureLimit:
                circuit.phase = .closed(failures: failures + 1)
            case (.closed, .fails), (.halfOpen, .fails):
                circuit.change(to: open)
                return .open
            case (.halfOpen, .works):
                circuit.change(to: .closed(failures: 0))
                return .closed
            case (.halfOpen, .unknown):
                circuit.phase = .halfOpen(isTrying: false)
            case (.closed, .unknown), (.open, _):
                break
            }
            return nil
        }
        if let change { changed(change) }
    }
}

/// The circuit breakers of all connections by their names. A reload of the configuration does not change them.
package final class CircuitBreakers: Sendable {
    private let breakers = Lock<[String: CircuitBreaker]>([:])
    private let changed: @Sendable (_ connection: String, CircuitState) -> Void

    package init(changed: @escaping @Sendable (_ connection: String, CircuitState) -> Void) {
        self.changed = changed
    }

    /// The circuit breaker of a connection. The first use makes it.
    package subscript(connection: String) -> CircuitBreaker {
        breakers.withLock { breakers in
            if let breaker = breakers[connection] { return breaker }
            let breaker = CircuitBreaker { [changed] in changed(connection, $0) }
            breakers[connection] = breaker
            return breaker
        }
    }
}
