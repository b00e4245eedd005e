import SignetJOSE

/// Waits for something asynchronous, and no longer than it is worth.
enum TimeLimit {
    /// What came of it, or nil when the time was over. What is late is cancelled, and not waited for.
    static func run<Outcome: Sendable>(
        within milliseconds: Int64, _ operation: @escaping @Sendable () async -> Outcome
    ) async -> Outcome? {
        let race = Race<Outcome>()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                race.begin(continuation)
                race.add(Task { race.end(await operation()) })
                race.add(
                    Task {
                        guard (try? await Task.sleep(nanoseconds: UInt64(milliseconds) * 1_000_000)) != nil else {
                            return
                        }
                        race.end(nil)
                    })
            }
        } onCancel: {
            // Whoever waits hears of it from the operation.
            race.cancelOperations()
        }
    }

    /// Whoever is first resumes; the others are cancelled.
    private final class Race<Outcome: Sendable>: Sendable {
        private struct State {
            var continuation: CheckedContinuation<Outcome?, Never>?
            var tasks: [Task<Void, Never>] = []
            var isOver = false
        }

        private let state = Lock(State())

        func begin(_ continuation: CheckedContinuation<Outcome?, Never>) {
            state.withLock { $0.continuation = continuation }
        }

        func add(_ task: Task<Void, Never>) {
            let isOver = state.withLock { state in
                state.tasks.append(task)
                return state.isOver
            }
            if isOver { task.cancel() }
        }

        func end(_ outcome: Outcome?) {
            let (continuation, tasks) = state.withLock { state in
                defer {
                    state.continuation = nil
                    state.isOver = true
                }
                return (state.continuation, state.tasks)
            }
            for task in tasks { task.cancel() }
            continuation?.resume(returning: outcome)
        }

        /// The timer too: what is cancelled has to come to its own end.
        func cancelOperations() {
            let tasks = state.withLock { state in
                state.isOver = true
                return state.tasks
            }
            for task in tasks { task.cancel() }
        }
    }
}
