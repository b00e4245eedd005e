import SignetJOSE
import SignetSystem

/// Commands that could not be killed: they are waited for no longer, and reaped when the next one is started after their end.
enum LeftCommands {
    private static let processes = Lock<[pid_t]>([])

    static func add(_ process: pid_t) {
        processes.withLock { $0.append(process) }
    }

    /// Reaps those that are over by now.
    static func reap() {
        processes.withLock { processes in
            processes.removeAll { process in
                var status: Int32 = 0
                return waitpid(process, &status, WNOHANG) != 0
            }
        }
    }
}
