/// How long to wait before the next try: a random time up to a limit that doubles, so that those who failed together do
/// not come back together.
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
