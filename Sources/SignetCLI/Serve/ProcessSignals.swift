import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem
import Synchronization

/// The requests that the gateway's main loop waits for: signals, and the end of a load on another thread.
///
/// A signal handler may do very little (signal-safety(7)): it sets a flag and writes to a pipe, and the main loop reads both. Several
/// signals before that are one request.
enum ProcessSignals {
    /// What a signal asks for.
    enum Request {
        /// SIGTERM and SIGINT: stop.
        case stop
        /// SIGHUP: read the configuration again.
        case reload
        /// SIGUSR1: reopen the audit file, after it was moved away.
        case reopenAudit
        /// No signal: ``noteLoaded()`` was called.
        case loaded
    }

    fileprivate struct Flags: ~Copyable {
        let stop = Atomic(false)
        let reload = Atomic(false)
        let reopenAudit = Atomic(false)
        let loaded = Atomic(false)
        /// Whether a stop was requested before.
        let isStopping = Atomic(false)
    }

    fileprivate static let flags = Flags()
    /// The pipe's writing end, for the handler.
    fileprivate nonisolated(unsafe) static var inlet: Int32 = -1
    private nonisolated(unsafe) static var outlet: Int32 = -1

    /// Blocks SIGHUP and SIGUSR1 until ``listen()``. A service manager may send them as soon as the process runs, and without a
    /// handler they would end it.
    static func hold() {
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in [SIGHUP, SIGUSR1] { sigaddset(&mask, number) }
        pthread_sigmask(SIG_BLOCK, &mask, nil)
    }

    /// Starts handling signals. Called once, before anything else is started.
    static func listen() throws(CommandFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw CommandFailure(.outside, "no pipe for signals can be made") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (outlet, inlet) = (ends[0], ends[1])
        // Initialises the lazy static here and not in the handler.
        flags.isStopping.store(false, ordering: .relaxed)
        // The mask is inherited, and the parent process may have blocked them.
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in [SIGHUP, SIGUSR1, SIGTERM, SIGINT] {
            signal(number, noteSignal)
            sigaddset(&mask, number)
        }
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Whether a stop was requested, so that long work should be given up.
    static var isStopping: Bool {
        flags.isStopping.load(ordering: .relaxed)
    }

    /// Reports that a load on another thread has ended.
    static func noteLoaded() {
        flags.loaded.store(true, ordering: .releasing)
        wake()
    }

    /// Wakes the main loop. Safe in a signal handler.
    fileprivate static func wake() {
        var byte: UInt8 = 0
        // A full pipe wakes it already.
        _ = write(inlet, &byte, 1)
    }

    /// The next request, a stop before all others, or nil at the time `end`.
    ///
    /// - Parameter isStarting: Whether requests to reload or reopen are left for later.
    static func next(until end: MonotonicTime, isStarting: Bool = false) -> Request? {
        while true {
            withUnsafeTemporaryAllocation(byteCount: 512, alignment: 1) { bytes in
                while read(outlet, bytes.baseAddress, bytes.count) > 0 {}
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

/// The signal handler. A plain function, because a closure would belong to an actor, and a signal comes on any thread.
private func noteSignal(_ number: Int32) {
    let saved = errno
    switch number {
    case SIGHUP: ProcessSignals.flags.reload.store(true, ordering: .releasing)
    case SIGUSR1: ProcessSignals.flags.reopenAudit.store(true, ordering: .releasing)
    default:
        // A second signal ends the process at once, even if the main loop is busy; also as a container's first process.
        if ProcessSignals.flags.isStopping.exchange(true, ordering: .relaxed) {
            KeyCommand.killRunning()
            _exit(128 + number)
        }
        ProcessSignals.flags.stop.store(true, ordering: .releasing)
    }
    ProcessSignals.wake()
    errno = saved
}
