import SignetIdentity
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The thread that holds a daemon's connections to their deadlines: the library has none but a timer that every byte winds up.
final class Watchdog: Sendable {
    /// What is closed when the daemon is gone, so that the thread ends at once.
    private let stopper: Int32
    private let isStopped = Atomic<Bool>(false)

    init(over context: DaemonContext) throws(ServerError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ServerError(.system, "no pipe could be made: \(words(for: errno))", hint: "ulimit -n")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let stopped = ends[0]
        stopper = ends[1]
        let tick = Int32(context.limits.tick)
        do throws(ServerError) {
            try BackgroundThread.start {
                var waiting = pollfd(fd: stopped, events: Int16(POLLIN), revents: 0)
                while poll(&waiting, 1, tick) <= 0 { context.enforceDeadlines() }
                close(stopped)
            }
        } catch {
            close(ends[0])
            close(ends[1])
            throw error
        }
    }

    /// Ends the thread.
    func stop() {
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        close(stopper)
    }
}
