import CLinux
import SignetIdentity
import SignetSystem
import Synchronization

/// Accepts connections on one thread, and gives each to the worker that has fewest.
///
/// One thread for all kinds of listeners: SO_REUSEPORT works neither for Unix-domain sockets nor beside a socket that was passed in,
/// and EPOLLEXCLUSIVE wakes the same worker again and again.
final class Acceptor: Sendable {
    private let socket: ListeningSocket
    private let admission: Admission
    private let workers: [WorkerPort]
    private let limits: ServerLimits
    private let counters: ServerCounters
    private let countsAddresses: Bool
    private let isStopping = Atomic<Bool>(false)

    /// For how long the listener is left when the system has no more descriptors or memory, in milliseconds.
    private static let backOff: Int32 = 100

    init(
        on socket: ListeningSocket, admission: Admission, workers: [WorkerPort], limits: ServerLimits,
        counters: ServerCounters, countsAddresses: Bool
    ) {
        self.socket = socket
        self.admission = admission
        self.workers = workers
        self.limits = limits
        self.counters = counters
        self.countsAddresses = countsAddresses
    }

    /// Has the thread accept what waits, and end.
    func stop() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        admission.bell.ring()
    }

    /// Accepts until it is stopped. `descriptor` is the listener's.
    func run(on descriptor: Int32) {
        while !isStopping.load(ordering: .sequentiallyConsistent) {
            waitForRoom()
            // The bell may have rung for the end, and have been heard in there.
            if isStopping.load(ordering: .sequentiallyConsistent) { break }
            var waiting = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: admission.bell.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            _ = unsafe poll(&waiting, 2, -1)
            if waiting[1].revents != 0 { admission.bell.silence() }
            if waiting[0].revents != 0 { acceptAll(descriptor) }
        }
        // Clients that are connected already are served, whatever the limit says; the next ones go elsewhere.
        acceptAll(descriptor)
        socket.close()
    }

    /// Waits until there is room for a connection; those that are over make it first.
    private func waitForRoom() {
        guard admission.count >= limits.connections else { return }
        admission.wait(true)
        while admission.count >= limits.connections, !isStopping.load(ordering: .sequentiallyConsistent) {
            for worker in workers { worker.mailbox.post(.endLingering) }
            waitForBell(Self.backOff)
        }
        admission.wait(false)
    }

    private func waitForBell(_ milliseconds: Int32) {
        var waiting = pollfd(fd: admission.bell.descriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&waiting, 1, milliseconds)
        admission.bell.silence()
    }

    private func acceptAll(_ descriptor: Int32) {
        while admission.count < limits.connections || isStopping.load(ordering: .sequentiallyConsistent) {
            var storage = sockaddr_storage()
            let client = Self.accept(descriptor, &storage)
            guard client >= 0 else {
                // A connection that has gone already is no reason to stop.
                if errno == ECONNABORTED || errno == EINTR { continue }
                if errno == EAGAIN || isStopping.load(ordering: .sequentiallyConsistent) { return }
                // Without descriptors the listener stays ready: look again when one is closed, or in a moment.
                admission.wait(true)
                waitForBell(Self.backOff)
                admission.wait(false)
                return
            }
            hand(client, countsAddresses ? AddressKey(of: storage) : nil)
        }
    }

    private func hand(_ client: Int32, _ address: AddressKey?) {
        guard admission.admit(address, limit: limits.connectionsPerAddress) else {
            counters.count(.address)
            return SocketStream(client).close(reset: true)
        }
        guard let worker = workers.min(by: { $0.load.load(ordering: .relaxed) < $1.load.load(ordering: .relaxed) })
        else { return }
        worker.load.count()
        worker.mailbox.post(.accepted(client, address))
    }

    // Out of sight inside a type with a method of the same name.
    private static func accept(_ descriptor: Int32, _ storage: inout sockaddr_storage) -> Int32 {
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let client = unsafe withUnsafeMutablePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe accept4(
                    descriptor, address, &size, Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue))
            }
        }
        guard client >= 0, storage.ss_family != sa_family_t(AF_UNIX) else { return client }
        var on: Int32 = 1
        unsafe setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        return client
    }
}
