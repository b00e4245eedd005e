import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem

/// An HTTP/1.1 server on one listener: it reads requests, refuses invalid HTTP, and passes the others to its handler.
///
/// It serves from its initialisation until ``finish(within:)``. The release of the last reference stops it too, without waiting.
package final class HTTPServer: Sendable {
    private struct Threads {
        var acceptor: JoinableThread?
        var workers: [JoinableThread] = []
    }

    /// Where it listens.
    package let socket: ListeningSocket
    private let workers: [WorkerHandle]
    private let acceptor: Acceptor
    private let counters = ServerCounters()
    private let certificate: TLSContexts?
    private let threads = Lock(Threads())

    /// Starts a server.
    ///
    /// - Parameter trustsPeers: Whether many clients may come from one address, so that clients are not counted by address:
    /// behind a
    ///   proxy, on a Unix-domain socket, on loopback.
    package init(
        on socket: ListeningSocket, tls: TLSMaterial? = nil, limits: ServerLimits = ServerLimits(), trustsPeers: Bool,
        handler: any RequestHandling
    ) throws(SignetError) {
        self.socket = socket
        let certificate = try tls.map { material throws(SignetError) in try TLSContexts(material) }
        self.certificate = certificate
        let limiter = try ClientLimiter(counters: counters)
        var workers: [WorkerHandle] = []
        for _ in 0..<limits.threads { workers.append(try WorkerHandle()) }
        self.workers = workers
        acceptor = Acceptor(
            on: socket, limiter: limiter, workers: workers, limits: limits, counters: counters,
            countsAddresses: !trustsPeers)
        for worker in workers {
            let events = try Poller.open(token: Worker.mailboxToken, for: worker.mailbox.wakeEvent)
            let thread = try Self.thread { [counters] in
                Worker(
                    worker, poller: Poller(events), limiter: limiter, limits: limits, counters: counters,
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

    /// The numbers that it has counted so far.
    package var statistics: ServerStatistics { counters.statistics }

    /// Reads the statistics without a reference to the server, for a handler that reports them.
    package var readStatistics: @Sendable () -> ServerStatistics {
        { [counters] in counters.statistics }
    }

    /// Uses another certificate for new clients. The sockets of present clients are closed after their next answer.
    package func replaceTLS(_ material: TLSMaterial) throws(SignetError) {
        try certificate?.replace(material)
    }

    /// Uses new session ticket keys for new clients, so that old keys expire.
    package func renewTicketKeys() throws(SignetError) {
        try certificate?.renew()
    }

    /// Accepts no more clients. Idle clients are closed; a request that has begun gets its answer, after which its socket is
    /// closed.
    package func beginDrain() {
        let thread = threads.withLock { threads in
            defer { threads.acceptor = nil }
            return threads.acceptor
        }
        guard let thread else { return }
        acceptor.stop()
        thread.join()
        for worker in workers { worker.mailbox.post(.drain) }
    }

    /// Drains, waits for the requests that have begun, for some milliseconds at most, answers pending ones as abandoned, and
    /// stops. The handler is not called after the return.
    package func finish(within milliseconds: Int64) {
        let end = MonotonicTime.now.advanced(byMilliseconds: milliseconds)
        beginDrain()
        for worker in workers { worker.mailbox.post(.finish(end)) }
        for thread in threads.withLock({ $0.workers }) { thread.join() }
    }

    private static func thread(_ body: @escaping @Sendable () -> Void) throws(SignetError) -> JoinableThread {
        guard let thread = JoinableThread(body) else {
            throw SignetError(
                ServerFault.system, "cannot start a thread", hint: "raise the limit on processes (ulimit -u)")
        }
        return thread
    }
}

/// The limits of a server. All times are in milliseconds.
///
/// The deadlines of a request are fixed: a slow trickle of bytes does not extend them. A stall of the server itself extends them.
package struct ServerLimits: Sendable, Equatable {
    /// From the accepted socket to the end of its TLS handshake.
    package var handshake: Int64 = 5_000
    /// From the accepted socket, or its handshake, to the first byte of the first request.
    package var firstByte: Int64 = 10_000
    /// From the first byte of a request to the end of its header. A slower request is answered with 408.
    package var header: Int64 = 5_000
    /// From the end of the header to the end of the body. A slower request is answered with 408.
    package var body: Int64 = 10_000
    /// From the first byte of a request to the start of its answer, including all calls to vendors.
    package var request: Int64 = 30_000
    /// How long a client may take no byte of an answer. The time starts again with each 256 KiB that the client takes.
    package var answer: Int64 = 10_000
    /// How long a socket stays open without a request. It is longer than nginx's 60 seconds, so that nginx closes first.
    package var idle: Int64 = 75_000
    /// How long a client may send nothing after its last answer before its socket is closed. The total is twice as long.
    package var linger: Int64 = 1_000
    /// How long the last answers may take to be sent when the server stops.
    package var lastAnswers: Int64 = 1_000
    /// The maximum number of clients at one time.
    package var clients = DescriptorLimit.connections
    /// The maximum number of clients at one time from one address, unless peers are trusted. An IPv6 address counts by its first
    /// 64 bits.
    package var clientsPerAddress = 256
    /// The maximum memory for incomplete requests, in bytes.
    package var memory = 64 << 20
    /// The number of worker threads.
    package var threads = ServerLimits.processors

    package init() {}
}
