import SignetIdentity
import SignetJOSE
import SignetSystem

/// Leaves a vendor alone that keeps failing: no request waits for an answer that will not come, and the vendor is not
/// kept down by those who ask again.
package final class CircuitBreaker: Sendable {
    /// So many calls in a row have to fail; a call that is tried again counts again.
    package static let failureLimit = 5
    /// So long the vendor is left alone, in milliseconds.
    package static let pause: Int64 = 10_000

    /// What a call says of the vendor.
    package enum Verdict: Sendable {
        /// It is there.
        case works
        /// It is not, or not in its right mind.
        case fails
        /// Nothing: it asked for patience, or the call did not come to its end.
        case unknown
    }

    /// Leave to make one call. What it leads to counts only as long as the circuit has not changed.
    package struct Permit: Sendable {
        fileprivate let period: UInt64
    }

    /// The answer to who wants to call.
    package enum Admission: Sendable {
        case admitted(Permit)
        /// Ask again in so many seconds.
        case refused(retryAfter: Int)
    }

    private enum Phase {
        case closed(failures: Int)
        case open(until: MonotonicTime)
        case halfOpen(isTrying: Bool)
    }

    private struct Circuit {
        var phase = Phase.closed(failures: 0)
        /// Counts the changes: a call that began before one says nothing of what came after it.
        var period: UInt64 = 0

        mutating func change(to phase: Phase) {
            self.phase = phase
            period += 1
        }
    }

    private let circuit = Lock(Circuit())
    private let changed: @Sendable (CircuitState) -> Void

    /// Makes a closed one.
    package init(changed: @escaping @Sendable (CircuitState) -> Void = { _ in }) {
        self.changed = changed
    }

    /// What would be done with a call now.
    package func state(at now: MonotonicTime) -> CircuitState {
        circuit.withLock { circuit in
            switch circuit.phase {
            case .closed: .closed
            case .open(let end): now < end ? .open : .halfOpen
            case .halfOpen: .halfOpen
            }
        }
    }

    /// Asks for leave to call. Who gets it has to say how it went.
    ///
    /// - Parameter isNamedByPage: Whether the call is about something that a page named: that is not the trial of a half-open circuit,
    ///   or a page could keep others from it.
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

    /// Says how a call went.
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
