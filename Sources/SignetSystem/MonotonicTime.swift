/// A moment of a clock that nobody sets, for measuring how long something takes.
public struct MonotonicTime: Sendable, Hashable, Comparable {
    /// Nanoseconds since some moment.
    public let nanoseconds: UInt64

    /// A moment by its nanoseconds.
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// The moment of the call.
    public static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    /// The moment some milliseconds later.
    public func advanced(byMilliseconds milliseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: nanoseconds &+ UInt64(bitPattern: milliseconds &* 1_000_000))
    }

    /// How many nanoseconds have gone by since an earlier moment; 0 for a later one.
    public func nanoseconds(since earlier: MonotonicTime) -> UInt64 {
        nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
    }

    /// How many milliseconds are left until a later moment; 0 for an earlier one.
    public func milliseconds(until later: MonotonicTime) -> Int64 {
        later.nanoseconds > nanoseconds ? Int64((later.nanoseconds - nanoseconds) / 1_000_000) : 0
    }

    /// The order of time.
    public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
