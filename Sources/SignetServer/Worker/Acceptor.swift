import SignetIdentity
import SignetSystem
import Synchronization

/// Accepts clients on one thread, and gives each to the worker that has fewest.
///
/// One thread works for all kinds of listeners: SO_REUSEPORT works neither for Unix-domain sockets nor beside an inherited
/// socket, and EPOLLEXCLUSIVE wakes the same worker again and again.
final class Acceptor: Sendable {
    private let socket: ListeningSocket
    private let limiter: ClientLimiter
    private let workers: [WorkerHandle]
    private let limits: ServerLimits
    private let counters: ServerCounters
    private let countsAddresses: Bool
    private let isStopping = Atomic<Bool>(false)

    /// How long to wait when the system has no more descriptors or memory, in milliseconds.
    private static let backOff: Int32 = 100

    init(
        on socket: ListeningSocket, limiter: ClientLimiter, workers: [WorkerHandle], limits: ServerLimits,
        counters: ServerCounters, countsAddresses: Bool
    ) {
        self.socket = socket
        self.limiter = limiter
        self.workers = workers
        self.limits = limits
        self.counters = counters
        self.countsAddresses = countsAddresses
    }

    /// Makes the thread accept the clients in the backlog, and end.
    func stop() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        limiter.wakeEvent.signal()
    }

    private var mustStop: Bool { isStopping.load(ordering: .sequentiallyConsistent) }

    /// Accepts until it is stopped. `descriptor` is the listener's.
    func run(on descriptor: Int32) {
        while !mustStop {
            waitForRoom()
            // The wait may have consumed the signal of `stop`.
            if mustStop { break }
            if limiter.wakeEvent.wait(orReadable: descriptor) { acceptAll(descriptor) }
        }
        // Clients in the backlog are served, even over the limit. Later ones are refused.
        acceptAll(descriptor)
        socket.close()
    }

    /// Waits until there is room for a client. Lingering clients are closed to make room.
    private func waitForRoom() {
        guard limiter.count >= limits.clients else { return }
        limiter.signalRelease(true)
        while limiter.count >= limits.clients, !mustStop {
            for worker in workers { worker.mailbox.post(.endLingering) }
            limiter.wakeEvent.wait(milliseconds: Self.backOff)
        }
        limiter.signalRelease(false)
    }

    private func acceptAll(_ descriptor: Int32) {
        while limiter.count < limits.clients || mustStop {
            guard let (client, address) = SocketStream.accept(on: descriptor) else {
                // The client has gone already.
                if errno == ECONNABORTED || errno == EINTR { continue }
                if errno == EAGAIN || mustStop { return }
                // Without descriptors the listener stays readable: wait until a socket is closed, or for a short time.
                limiter.signalRelease(true)
                limiter.wakeEvent.wait(milliseconds: Self.backOff)
                limiter.signalRelease(false)
                return
            }
            assign(client, countsAddresses ? address : nil)
        }
    }

    private func assign(_ client: Int32, _ address: AddressKey?) {
        guard limiter.admit(address, limit: limits.clientsPerAddress) else {
            counters.count(.address)
            return SocketStream(client).close(reset: true)
        }
        guard let worker = workers.min(by: { $0.load.load(ordering: .relaxed) < $1.load.load(ordering: .relaxed) })
        else { return }
        worker.load.count()
        worker.mailbox.post(.accepted(client, address))
    }
}
