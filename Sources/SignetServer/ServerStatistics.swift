import Synchronization

/// What a server has counted since it was started.
package struct ServerStatistics: Sendable, Equatable {
    /// The connections that are open now.
    package var openConnections: Int
    /// The connections accepted.
    package var acceptedConnections: Int
    /// The requests that were refused because they were no proper HTTP, or too large.
    package var refusedRequests: Int
    /// The connections that were cut because a request took too long. Idle ones that were let go do not count.
    package var cutConnections: Int
    /// The answers that were given up when the request's time was over, or the server went down.
    package var abandonedReplies: Int
}

/// The numbers behind ``ServerStatistics``, shared by the daemons of one server.
final class ServerCounters: Sendable {
    let open = Atomic<Int>(0)
    let accepted = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let cut = Atomic<Int>(0)
    let abandoned = Atomic<Int>(0)

    var statistics: ServerStatistics {
        ServerStatistics(
            openConnections: open.load(ordering: .relaxed), acceptedConnections: accepted.load(ordering: .relaxed),
            refusedRequests: refused.load(ordering: .relaxed), cutConnections: cut.load(ordering: .relaxed),
            abandonedReplies: abandoned.load(ordering: .relaxed))
    }
}

extension Atomic where Value == Int {
    /// Adds, where nothing else hangs on the order.
    func count(_ amount: Int = 1) {
        wrappingAdd(amount, ordering: .relaxed)
    }
}
