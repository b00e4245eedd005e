import SignetIdentity
import SignetSystem

/// Where delivery has its time, its pauses and its chance from, so that its rules can be tested without waiting.
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
