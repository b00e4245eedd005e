import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem

/// An HTTP/1.1 server on one listener: it reads requests, refuses what is not proper HTTP, and leaves the rest to its handler.
///
/// It runs from its making until ``finish(within:)``. The last reference stops it too, without waiting.
package final class HTTPServer: Sendable {
    private struct Threads {
        var acceptor: JoinableThread?
        var workers: [JoinableThread] = []
    }

    /// Where it listens.
    package let socket: ListeningSocket
    private let ports: [WorkerPort]
    private let acceptor: Acceptor
    private let counters = ServerCounters()
    private let certificate: TLSContexts?
    private let threads = Lock(Threads())

    /// Starts a server.
    ///
    /// - Parameter trustsPeers: For a listener behind which many clients come from one address: a proxy in front, a Unix-domain socket,
    ///   loopback. Connections are not counted by address then.
    package init(
        on socket: ListeningSocket, tls: TLSMaterial? = nil, limits: ServerLimits = ServerLimits(), trustsPeers: Bool,
        handler: any RequestHandling
    ) throws(SignetError) {
        self.socket = socket
        let certificate = try tls.map { material throws(SignetError) in try TLSContexts(material) }
        self.certificate = certificate
        let admission = try Admission(counters: counters)
        var ports: [WorkerPort] = []
        for _ in 0..<limits.threads { ports.append(try WorkerPort()) }
        self.ports = ports
        acceptor = Acceptor(
            on: socket, admission: admission, workers: ports, limits: limits, counters: counters,
            countsAddresses: !trustsPeers)
        for port in ports {
            let queue = try Poller.open(telling: Worker.mailboxToken, of: port.mailbox.bell)
            let thread = try Self.thread { [counters] in
                Worker(
                    port, poller: Poller(queue), admission: admission, limits: limits, counters: counters,
                    handler: handler
                ) { socket in
                    guard let certificate else { return socket }
                    return certificate.stream(over: socket)
                }.run()
            }
            threads.withLock { $0.workers.append(thread) }
        }
        let listener = try socket.duplicate()
        let thread = try Self.thread { [acceptor] in
            acceptor.run(on: listener)
            closeDescriptor(listener)
        }
        threads.withLock { $0.acceptor = thread }
    }

    deinit {
        finish(within: 0)
    }

    /// What it has counted so far.
    package var statistics: ServerStatistics { counters.statistics }

    /// The same for a reader that is itself asked by the handler: it does not hold the server.
    package var readStatistics: @Sendable () -> ServerStatistics {
        { [counters] in counters.statistics }
    }

    /// Serves new connections with another certificate. Those that there are end with their next answer.
    package func replaceTLS(_ material: TLSMaterial) throws(SignetError) {
        try certificate?.replace(material)
    }

    /// Serves new connections with new keys for session tickets, so that old ones age.
    package func renewTicketKeys() throws(SignetError) {
        try certificate?.renew()
    }

    /// Accepts no connection from now on. What is idle ends at once; a request that has begun gets its answer, the last of its
    /// connection.
    package func beginDrain() {
        let thread = threads.withLock { threads in
            defer { threads.acceptor = nil }
            return threads.acceptor
        }
        guard let thread else { return }
        acceptor.stop()
        thread.join()
        for port in ports { port.mailbox.post(.drain) }
    }

    /// Waits until what is in flight is done, for some milliseconds at most, answers what still is pending as abandoned, and
    /// stops. The handler is not called any more when this returns.
    package func finish(within milliseconds: Int64) {
        let moment = MonotonicTime.now.advanced(byMilliseconds: milliseconds)
        beginDrain()
        for port in ports { port.mailbox.post(.finish(moment)) }
        let workers = threads.withLock { $0.workers }
        for thread in workers { thread.join() }
    }

    private static func thread(_ body: @escaping @Sendable () -> Void) throws(SignetError) -> JoinableThread {
        guard let thread = JoinableThread(body) else {
            throw SignetError(
                ServerFault.system, "no thread could be started", hint: "raise the limit on processes (ulimit -u)")
        }
        return thread
    }
}
