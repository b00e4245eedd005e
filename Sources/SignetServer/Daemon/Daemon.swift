import CMicroHTTPD
import SignetIdentity
import SignetJOSE
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One daemon of the library on a duplicate of a listener, from its start to its only safe order of ending: quiesced, nothing
/// suspended, stopped.
final class Daemon: Sendable {
    private struct State {
        var daemon: OpaquePointer?
        var isQuiesced = false
    }

    let context: DaemonContext
    /// A duplicate of the listener. It is closed last: a thread that is about to accept must not find another socket there.
    private let listener: Int32
    private let state: Lock<State>
    private let stopping = Lock(())
    /// Nanoseconds of ``MonotonicTime``. Signed: Swift 6.3's `Atomic.min` compares unsigned numbers as if they were.
    private let stopBy = Atomic<Int64>(.max)
    private let isStopping = Atomic<Bool>(false)
    private let watchdog: Watchdog

    init(on socket: ListeningSocket, tls: TLSMaterial?, isPerAddress: Bool, context: DaemonContext) throws(ServerError)
    {
        let listener = try socket.duplicate()
        let watchdog: Watchdog
        do throws(ServerError) {
            watchdog = try Watchdog(over: context)
        } catch {
            close(listener)
            throw error
        }
        // The library closes the socket it was given when it cannot start.
        guard let daemon = Self.start(on: listener, tls: tls, isPerAddress: isPerAddress, context: context) else {
            let code = errno
            watchdog.stop()
            throw ServerError(
                .system, "the HTTP server does not start at \(socket.name): \(words(for: code))",
                hint: "limits on memory, threads and open files are the usual cause (ulimit -a)")
        }
        self.context = context
        self.listener = listener
        self.watchdog = watchdog
        state = Lock(State(daemon: daemon))
    }

    private static func start(
        on listener: Int32, tls: TLSMaterial?, isPerAddress: Bool, context: DaemonContext
    ) -> OpaquePointer? {
        let limits = context.limits
        var settings = signet_mhd_settings()
        settings.listener = listener
        settings.threads = UInt32(limits.threads)
        // The watchdog is there first; this lets go of a connection if there were none.
        settings.idle_seconds = UInt32(max(limits.header, limits.body, limits.request, limits.idle) / 1_000 + 2)
        settings.connections = UInt32(max(limits.connections, limits.threads))
        settings.connections_per_address = isPerAddress ? UInt32(limits.connectionsPerAddress) : 0
        settings.access = requestAdvanced
        settings.request_line = requestLineRead
        settings.completed = requestCompleted
        settings.connection = connectionChanged
        settings.unescape = targetLeftAlone
        settings.context = Unmanaged.passUnretained(context).toOpaque()
        guard let tls else { return signet_mhd_start(&settings) }
        return tls.withCStrings { certificate, key in
            TLSMaterial.priorities.withCString { priorities in
                settings.certificate = certificate
                settings.key = key
                settings.priorities = priorities
                return signet_mhd_start(&settings)
            }
        }
    }

    /// Ends each connection with its next answer, and still accepts others: one answer each.
    func announceEnd() {
        context.isClosing.store(true, ordering: .relaxed)
    }

    /// Takes back that the end was announced. Not for one that is quiesced.
    func revokeEnd() {
        context.isClosing.store(false, ordering: .relaxed)
    }

    /// Accepts no connection from now on, and ends each with its next answer. The listener itself stays open.
    func quiesce() {
        announceEnd()
        state.withLock { state in
            guard let daemon = state.daemon, !state.isQuiesced else { return }
            state.isQuiesced = true
            MHD_quiesce_daemon(daemon)
        }
    }

    /// Lets its connections come to their ends, each with an answer that says so, until the moment has come; then stops.
    func retire(by moment: MonotonicTime) {
        quiesce()
        var empty = 0
        while empty < 2, MonotonicTime.now < moment, !isStopping.load(ordering: .relaxed) {
            empty = context.connections.count == 0 ? empty + 1 : 0
            pause(milliseconds: 20)
        }
        stop(by: moment)
    }

    /// Waits until what is in flight is done, or the moment has come; then answers what is still pending as abandoned, and
    /// stops. Returns when no callback runs any more, whoever stopped it.
    func stop(by moment: MonotonicTime) {
        quiesce()
        isStopping.store(true, ordering: .relaxed)
        // Whoever is waiting already for a later moment hears of it.
        stopBy.min(Int64(clamping: moment.nanoseconds), ordering: .relaxed)
        stopping.withLock { _ in
            guard let daemon = state.withLock({ $0.daemon }) else { return }
            wait { MonotonicTime.now.nanoseconds >= UInt64(stopBy.load(ordering: .relaxed)) }
            for answer in context.pending.close() where answer.abandon() { context.counters.abandoned.count() }
            while !context.pending.isEmpty { pause(milliseconds: 1) }
            let farewell = MonotonicTime.now.advanced(byMilliseconds: context.limits.farewell)
            wait { MonotonicTime.now >= farewell }
            state.withLock { $0.daemon = nil }
            MHD_stop_daemon(daemon)
            watchdog.stop()
            close(listener)
        }
    }

    /// Waits until it was quiet twice, or it is time. Twice: a connection may be between two counters.
    private func wait(isTime: () -> Bool) {
        var quiet = 0
        while true {
            quiet = context.isQuiet ? quiet + 1 : 0
            if quiet == 2 || isTime() { return }
            pause(milliseconds: 5)
        }
    }
}
