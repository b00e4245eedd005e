import SignetIdentity
import SignetJOSE

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The open connections of a daemon.
///
/// One lock is held both for shutting a socket down and for forgetting a connection. The daemon forgets it before it closes the
/// socket, so the number that is shut down never is that of somebody else's new socket.
final class ConnectionTable: Sendable {
    private let connections = Lock<[Int32: Connection]>([:])

    func insert(_ connection: Connection) {
        connections.withLock { $0[connection.descriptor] = connection }
    }

    func remove(_ connection: Connection) {
        connections.withLock { connections in
            if connections[connection.descriptor] === connection { connections[connection.descriptor] = nil }
        }
    }

    var count: Int { connections.withLock { $0.count } }

    /// Shuts down what is overdue, and says how many requests that ended. The daemon sees the end of the stream and cleans up:
    /// the socket itself is its own, so no answer can be sent.
    func cutOverdue(at now: MonotonicTime, limits: ServerLimits) -> Int {
        connections.withLock { connections in
            var requests = 0
            for connection in connections.values {
                guard let overdue = connection.takeOverdue(at: now, limits: limits, isAbandoned: isAtEnd) else {
                    continue
                }
                if overdue == .request { requests += 1 }
                shutdown(connection.descriptor, Int32(SHUT_RDWR))
            }
            return requests
        }
    }
}

/// Whether nothing more comes from a socket, without taking anything from it.
private func isAtEnd(_ descriptor: Int32) -> Bool {
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 0
}
