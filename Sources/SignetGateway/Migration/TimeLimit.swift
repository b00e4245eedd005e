import SignetJOSE
import SignetSystem

/// Waits for something asynchronous, and no longer than it is worth.
enum TimeLimit {
    /// What came of it, or nil when the time was over. What is late goes on to its end, and is not waited for.
    static func run<Outcome: Sendable>(
        within milliseconds: Int64, _ operation: @escaping @Sendable () async -> Outcome
    ) async -> Outcome? {
        let race = Race<Outcome>()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                race.begin(continuation)
                race.add(operation: Task { race.end(await operation()) })
                race.add(
                    timer: Task {
                        guard (try? await Task.sleep(nanoseconds: UInt64(milliseconds) * 1_000_000)) != nil else {
                            return
                        }
                        race.end(nil)
                    })
            }
        } onCancel: {
            race.cancelOperation()
        }
    }

    /// Whoever is first resumes.
    private final class Race<Outcome: Sendable>: Sendable {
        private struct State {
            var continuation: CheckedContinuation<Outcome?, Never>?
            var operation: Task<Void, Never>?
            var timer: Task<Void, Never>?
            var isOver = false
            var isCancelled = false
        }

        private let state = Lock(State())

        func begin(_ continuation: CheckedContinuation<Outcome?, Never>) {
            state.withLock { $0.continuation = continuation }
        }

        func add(operation: Task<Void, Never>) {
            let isCancelled = state.withLock { state in
                state.operation = operation
                return state.isCancelled
            }
            if isCancelled { operation.cancel() }
        }

        func add(timer: Task<Void, Never>) {
            let isOver = state.withLock { state in
                state.timer = timer
                return state.isOver || state.isCancelled
            }
            if isOver { timer.cancel() }
        }

        func end(_ outcome: Outcome?) {
            let (continuation, timer) = state.withLock { state in
                defer {
                    state.continuation = nil
                    state.isOver = true
                }
                return (state.continuation, state.timer)
            }
            timer?.cancel()
            continuation?.resume(returning: outcome)
        }

        /// Whoever waits hears of it from the operation, which has to come to its own end.
        func cancelOperation() {
            let (operation, timer) = state.withLock { state in
                state.isCancelled = true
                return (state.operation, state.timer)
            }
            timer?.cancel()
            operation?.cancel()
        }
    }
}
