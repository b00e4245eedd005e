import SignetGateway
import SignetIdentity
import SignetJOSE

/// An HTTP server on one listener: it reads requests, refuses what is no proper HTTP, and leaves the rest to its handler.
///
/// It runs from its making until ``finish(within:)``. Not to be let go of before: the last reference stops it, without waiting.
package final class HTTPServer: Sendable {
    private struct State {
        /// The daemon in use, and those that finish what they had begun with an older certificate.
        var daemons: [Daemon] = []
        var isDraining = false
    }

    /// Where it listens.
    package let socket: ListeningSocket
    private let limits: ServerLimits
    private let isPerAddress: Bool
    private let handler: any RequestHandling
    private let counters = ServerCounters()
    private let state = Lock(State())

    /// Starts a server. `trustsPeers` is for a listener behind which many clients come from one address: a proxy in front, a
    /// Unix-domain socket, loopback.
    package init(
        on socket: ListeningSocket, tls: TLSMaterial? = nil, limits: ServerLimits = ServerLimits(), trustsPeers: Bool,
        handler: any RequestHandling
    ) throws(ServerError) {
        self.socket = socket
        self.limits = limits
        self.handler = handler
        isPerAddress = !trustsPeers
        let daemon = try makeDaemon(tls)
        state.withLock { $0.daemons = [daemon] }
    }

    deinit {
        finish(within: 0)
    }

    /// What it has counted so far.
    package var statistics: ServerStatistics { counters.statistics }

    /// The same for whoever goes on asking, and is itself asked by the handler: it does not hold the server.
    package var readStatistics: @Sendable () -> ServerStatistics {
        { [counters] in counters.statistics }
    }

    /// Serves new connections with another certificate. Those that there are end with their next answer.
    package func replaceTLS(_ material: TLSMaterial) throws(ServerError) {
        guard let former = state.withLock({ $0.isDraining ? nil : $0.daemons.last }) else { return }
        // First: whoever has seen the new certificate must not find an old connection that goes on.
        former.announceEnd()
        let next: Daemon
        do throws(ServerError) {
            next = try makeDaemon(material)
        } catch {
            state.withLock { if !$0.isDraining { former.revokeEnd() } }
            throw error
        }
        let isInPlace = state.withLock { state in
            if !state.isDraining { state.daemons.append(next) }
            return !state.isDraining
        }
        guard isInPlace else { return next.stop(by: .now) }
        try retire(former)
    }

    /// Accepts no connection from now on, and ends each with its next answer.
    package func beginDrain() {
        let daemons: [Daemon] = state.withLock { state in
            state.isDraining = true
            return state.daemons
        }
        for daemon in daemons { daemon.quiesce() }
        // At once: what waits in the backlog is reset when it goes, and every moment more would wait there.
        socket.close()
    }

    /// Waits until what is in flight is done, for some milliseconds at most, answers what still is pending as abandoned, and
    /// stops. The handler is not called any more when this returns.
    package func finish(within milliseconds: Int64) {
        let moment = MonotonicTime.now.advanced(byMilliseconds: milliseconds)
        beginDrain()
        for daemon in state.withLock({ $0.daemons }) { daemon.stop(by: moment) }
        state.withLock { $0.daemons = [] }
    }

    private func makeDaemon(_ tls: TLSMaterial?) throws(ServerError) -> Daemon {
        let context = DaemonContext(handler: handler, limits: limits, counters: counters)
        return try Daemon(on: socket, tls: tls, isPerAddress: isPerAddress, context: context)
    }

    private func retire(_ daemon: Daemon) throws(ServerError) {
        daemon.quiesce()
        let moment = MonotonicTime.now.advanced(byMilliseconds: limits.retirement)
        try BackgroundThread.start { [weak self] in
            daemon.retire(by: moment)
            self?.state.withLock { $0.daemons.removeAll { $0 === daemon } }
        }
    }
}
