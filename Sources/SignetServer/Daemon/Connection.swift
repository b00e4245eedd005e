import SignetIdentity
import Synchronization

/// One accepted socket, and until when the present step of its request must be done.
final class Connection: Sendable {
    /// The socket. It is the daemon's, which closes it after ``ConnectionTable/remove(_:)``.
    let descriptor: Int32
    /// When it was accepted.
    let accepted: MonotonicTime
    /// Whether no request line has been read on it yet.
    let isFresh = Atomic<Bool>(true)
    /// Nanoseconds of ``MonotonicTime``; the largest number is never.
    private let deadline: Atomic<UInt64>
    private let isIdle = Atomic<Bool>(false)
    /// Whether nobody has looked yet if the client has let go of an idle connection.
    private let isUnseen = Atomic<Bool>(false)

    private static let never = UInt64.max

    init(descriptor: Int32, accepted: MonotonicTime, header: Int64) {
        self.descriptor = descriptor
        self.accepted = accepted
        deadline = Atomic(accepted.advanced(byMilliseconds: header).nanoseconds)
    }

    /// From now on the step that began at `start` must be done after some milliseconds, or at `ceiling` if that is earlier.
    func allow(_ milliseconds: Int64, from start: MonotonicTime, ceiling: MonotonicTime? = nil, idle: Bool = false) {
        let end = start.advanced(byMilliseconds: milliseconds)
        isIdle.store(idle, ordering: .relaxed)
        isUnseen.store(idle, ordering: .relaxed)
        deadline.store(min(end, ceiling ?? end).nanoseconds, ordering: .relaxed)
    }

    /// From now on somebody else watches over the request.
    func allowForever() {
        deadline.store(Self.never, ordering: .relaxed)
    }

    enum Overdue {
        case idle, request
    }

    /// What is overdue, said once. `isAbandoned` tells of a connection that has been idle for a while whether the client has let
    /// go of it: a request and the end of the stream that come together are one event to the library, which then waits for another.
    func takeOverdue(at now: MonotonicTime, limits: ServerLimits, isAbandoned: (Int32) -> Bool) -> Overdue? {
        let end = deadline.load(ordering: .relaxed)
        guard end != Self.never else { return nil }
        let wasIdle = isIdle.load(ordering: .relaxed)
        if end > now.nanoseconds {
            let left = MonotonicTime(nanoseconds: end).nanoseconds(since: now)
            let rested = limits.idle - Int64(left / 1_000_000)
            // Once, and not before a request that has come already is well under way.
            guard wasIdle, rested > limits.tick, isUnseen.exchange(false, ordering: .relaxed), isAbandoned(descriptor)
            else { return nil }
        }
        // A connection that has gone on in this moment has a new deadline, and is left alone.
        guard deadline.compareExchange(expected: end, desired: Self.never, ordering: .relaxed).exchanged else {
            return nil
        }
        return wasIdle ? .idle : .request
    }
}
