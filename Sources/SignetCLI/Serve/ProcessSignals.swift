import SignetIdentity
import SignetJOSE

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The signals the gateway listens to, one after the other, as values.
///
/// A handler may do next to nothing (signal-safety(7)), so it writes the number into a pipe, and the main loop reads it.
enum ProcessSignals {
    /// What a signal asks for.
    enum Request {
        /// SIGHUP: read the configuration again.
        case reload
        /// SIGUSR1: open the audit file again, after it was moved away.
        case reopenAudit
        /// SIGTERM and SIGINT: finish and go.
        case stop
    }

    /// The pipe's writing end, for the handler.
    fileprivate nonisolated(unsafe) static var inlet: Int32 = -1
    private nonisolated(unsafe) static var outlet: Int32 = -1

    /// Begins to listen. Called once, before anything else is started.
    static func listen() throws(CommandFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw CommandFailure(.outside, "no pipe for signals can be made") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (outlet, inlet) = (ends[0], ends[1])
        // Whoever started this process may have had them blocked, and a mask is inherited.
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in [SIGHUP, SIGUSR1, SIGTERM, SIGINT] {
            handle(number, with: noteSignal)
            sigaddset(&mask, number)
        }
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    private static func handle(_ number: Int32, with handler: @escaping @convention(c) (Int32) -> Void) {
        signal(number, handler)
    }

    /// The next signal, or nil when `end` comes first.
    static func next(until end: MonotonicTime) -> Request? {
        while true {
            var number: UInt8 = 0
            if read(outlet, &number, 1) == 1 {
                switch Int32(number) {
                case SIGHUP: return .reload
                case SIGUSR1: return .reopenAudit
                default: return .stop
                }
            }
            let left = MonotonicTime.now.milliseconds(until: end)
            guard left > 0 else { return nil }
            var waiting = pollfd(fd: outlet, events: Int16(POLLIN), revents: 0)
            _ = poll(&waiting, 1, Int32(min(left, 60_000)))
        }
    }
}

/// Notes a signal. A plain function: a closure would belong to an actor, and a signal comes on any thread.
private func noteSignal(_ number: Int32) {
    let saved = errno
    // Whoever asks twice will not wait, whatever the main loop is busy with.
    if number == SIGTERM || number == SIGINT {
        signal(SIGTERM, SIG_DFL)
        signal(SIGINT, SIG_DFL)
    }
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(ProcessSignals.inlet, &byte, 1)
    errno = saved
}
