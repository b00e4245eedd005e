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
        deadline.store(min(end, ceiling ?? end).nanoseconds, ordering: .relaxed)
    }

    /// From now on somebody else watches over the request.
    func allowForever() {
        deadline.store(Self.never, ordering: .relaxed)
    }

    enum Overdue {
        case idle, request
    }

    /// What is overdue, said once.
    func takeOverdue(at now: MonotonicTime) -> Overdue? {
        let end = deadline.load(ordering: .relaxed)
        guard end <= now.nanoseconds else { return nil }
        let wasIdle = isIdle.load(ordering: .relaxed)
        // A connection that has gone on in this moment has a new deadline, and is left alone.
        guard deadline.compareExchange(expected: end, desired: Self.never, ordering: .relaxed).exchanged else { return nil }
        return wasIdle ? .idle : .request
    }
}
