import SignetIdentity
import SignetJOSE
import SignetRouting
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the gateway's main loop waits for: signals, and the end of a load on another thread.
///
/// A handler may do next to nothing (signal-safety(7)): it raises a flag and rings a pipe, and the main loop looks. However often a
/// signal comes before it does, it is one request.
enum ProcessSignals {
    /// What a signal asks for.
    enum Request {
        /// SIGTERM and SIGINT: finish and go.
        case stop
        /// SIGHUP: read the configuration again.
        case reload
        /// SIGUSR1: open the audit file again, after it was moved away.
        case reopenAudit
        /// No signal: ``noteLoaded()`` was called.
        case loaded
    }

    fileprivate struct Flags: ~Copyable {
        let stop = Atomic(false)
        let reload = Atomic(false)
        let reopenAudit = Atomic(false)
        let loaded = Atomic(false)
        /// Whether it was asked to stop before.
        let isStopping = Atomic(false)
    }

    fileprivate static let flags = Flags()
    /// The pipe's writing end, for the handler.
    fileprivate nonisolated(unsafe) static var inlet: Int32 = -1
    private nonisolated(unsafe) static var outlet: Int32 = -1

    /// Holds back the signals that are a request of the gateway's and would end a process without a handler, until ``listen()``. A
    /// service manager may send them as soon as the process is there.
    static func hold() {
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in [SIGHUP, SIGUSR1] { sigaddset(&mask, number) }
        pthread_sigmask(SIG_BLOCK, &mask, nil)
    }

    /// Begins to listen. Called once, before anything else is started.
    static func listen() throws(CommandFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw CommandFailure(.outside, "no pipe for signals can be made") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (outlet, inlet) = (ends[0], ends[1])
        // What is made at its first use is made here, and not in the handler.
        flags.isStopping.store(false, ordering: .relaxed)
        // Whoever started this process may have had them blocked, and a mask is inherited.
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in [SIGHUP, SIGUSR1, SIGTERM, SIGINT] {
            signal(number, noteSignal)
            sigaddset(&mask, number)
        }
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Whether it was asked to stop, so that nothing long is worth waiting for.
    static var isStopping: Bool {
        flags.isStopping.load(ordering: .relaxed)
    }

    /// Says that a load on another thread is over.
    static func noteLoaded() {
        flags.loaded.store(true, ordering: .releasing)
        ring()
    }

    /// Does only what a handler may.
    fileprivate static func ring() {
        var byte: UInt8 = 0
        // A full pipe has rung already.
        _ = write(inlet, &byte, 1)
    }

    /// The next request, to stop before all others, or nil when `end` comes first.
    ///
    /// - Parameter isStarting: Whether a request to read or open again something is left for later, when that is open.
    static func next(until end: MonotonicTime, isStarting: Bool = false) -> Request? {
        while true {
            withUnsafeTemporaryAllocation(byteCount: 512, alignment: 1) { rung in
                while read(outlet, rung.baseAddress, rung.count) > 0 {}
            }
            if flags.stop.exchange(false, ordering: .acquiring) { return .stop }
            if flags.loaded.exchange(false, ordering: .acquiring) { return .loaded }
            if !isStarting {
                if flags.reopenAudit.exchange(false, ordering: .acquiring) { return .reopenAudit }
                if flags.reload.exchange(false, ordering: .acquiring) { return .reload }
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
    switch number {
    case SIGHUP: ProcessSignals.flags.reload.store(true, ordering: .releasing)
    case SIGUSR1: ProcessSignals.flags.reopenAudit.store(true, ordering: .releasing)
    default:
        // Whoever asks twice will not wait, whatever the main loop is busy with; also as a container's first process.
        if ProcessSignals.flags.isStopping.exchange(true, ordering: .relaxed) {
            KeyCommand.killRunning()
            _exit(128 + number)
        }
        ProcessSignals.flags.stop.store(true, ordering: .releasing)
    }
    ProcessSignals.ring()
    errno = saved
}
