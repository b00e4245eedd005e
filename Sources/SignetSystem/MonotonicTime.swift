/// A moment of the monotonic clock, which is never set back. For measuring durations.
package struct MonotonicTime: Sendable, Hashable, Comparable {
    /// Nanoseconds since an unspecified moment.
    package let nanoseconds: UInt64

    /// A moment by its nanoseconds.
    package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// The current time.
    package static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    /// The moment some milliseconds later.
    package func advanced(byMilliseconds milliseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: nanoseconds &+ UInt64(bitPattern: milliseconds &* 1_000_000))
    }

    /// The nanoseconds since an earlier moment; 0 if that moment is later.
    package func nanoseconds(since earlier: MonotonicTime) -> UInt64 {
        nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
    }

    /// The milliseconds until a later moment; 0 if that moment is earlier.
    package func milliseconds(until later: MonotonicTime) -> Int64 {
        later.nanoseconds > nanoseconds ? Int64((later.nanoseconds - nanoseconds) / 1_000_000) : 0
    }

    /// Whether `left` is earlier.
    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
