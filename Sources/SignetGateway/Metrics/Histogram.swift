/// How often something took how long, in buckets of nanoseconds.
package struct Histogram: Sendable {
    /// The upper bounds of the buckets, ascending, in nanoseconds; what takes longer falls into the last, which has none.
    let bounds: [UInt64]
    private(set) var counts: [UInt64]
    private(set) var nanoseconds: UInt64 = 0

    package init(_ bounds: [UInt64]) {
        self.bounds = bounds
        counts = [UInt64](repeating: 0, count: bounds.count + 1)
    }

    /// All that was observed.
    var count: UInt64 { counts.reduce(0, &+) }

    package mutating func observe(_ duration: UInt64) {
        counts[bounds.firstIndex { duration <= $0 } ?? bounds.count] &+= 1
        nanoseconds &+= duration
    }

    /// Adds what another histogram with the same bounds has observed.
    package mutating func add(_ other: Histogram) {
        for (index, count) in other.counts.enumerated() { counts[index] &+= count }
        nanoseconds &+= other.nanoseconds
    }

    /// 50 µs to 100 ms: signing.
    static let signing = Histogram(
        [50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000].map { $0 * 1000 })
    /// 500 µs to 30 s: whole requests.
    static let request = Histogram(
        [500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000].map { $0 * 1000 } + seconds)
    /// 50 µs to 30 s: one side of a move, whose vendor is called or not.
    static let migration = Histogram(
        [50, 100, 250, 500, 1000, 5000, 25_000, 100_000, 250_000, 500_000].map { $0 * 1000 } + seconds)
    /// 5 ms to 30 s: calls of a vendor.
    static let delivery = Histogram([5, 10, 25, 50, 100, 250, 500].map { $0 * 1_000_000 } + seconds)

    private static let seconds: [UInt64] = [1000, 2500, 5000, 10_000, 30_000].map { $0 * 1_000_000 }
}
