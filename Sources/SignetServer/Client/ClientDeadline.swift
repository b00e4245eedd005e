import SignetIdentity
import SignetSystem

/// A point in time, and for how many nanoseconds the worker itself had delayed its clients until then.
struct ClockReading {
    let time: MonotonicTime
    let stalled: UInt64
}

/// The time at which a client must have completed its current step.
struct ClientDeadline {
    enum Kind {
        case handshake, firstByte, head, body, request, answer, idle, lingering, drain
    }

    let kind: Kind
    private let end: MonotonicTime
    private let stalledBefore: UInt64

    init(_ kind: Kind, _ milliseconds: Int64, from start: ClockReading) {
        self.kind = kind
        end = start.time.advanced(byMilliseconds: milliseconds)
        stalledBefore = start.stalled
    }

    /// The deadline when the worker has delayed its clients by `stalled` in all. The worker's delays extend every deadline but
    /// that of a whole request.
    func time(stalled: UInt64) -> MonotonicTime {
        guard kind != .request else { return end }
        return MonotonicTime(nanoseconds: end.nanoseconds &+ (stalled &- stalledBefore))
    }
}
