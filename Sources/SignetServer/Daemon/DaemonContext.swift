import SignetGateway
import SignetIdentity
import Synchronization

/// What the callbacks of one daemon share.
final class DaemonContext: Sendable {
    let handler: any RequestHandling
    let limits: ServerLimits
    let counters: ServerCounters
    let connections = ConnectionTable()
    let pending = PendingTable()
    /// Whether every answer ends its connection.
    let isClosing = Atomic<Bool>(false)
    /// The requests between their request line and the last byte of their answer.
    let requests = Atomic<Int>(0)
    /// The accepted connections whose first request line has not come yet.
    let newcomers = Atomic<Int>(0)

    init(handler: any RequestHandling, limits: ServerLimits, counters: ServerCounters) {
        self.handler = handler
        self.limits = limits
        self.counters = counters
    }

    /// Whether no request is in flight, nor likely to be on its way.
    var isQuiet: Bool {
        requests.load(ordering: .acquiring) == 0 && newcomers.load(ordering: .acquiring) == 0
    }

    /// A connection was accepted.
    func welcome(_ connection: Connection) {
        newcomers.count()
        counters.open.count()
        counters.accepted.count()
        connections.insert(connection)
    }

    /// A connection is about to be closed.
    func part(with connection: Connection) {
        connections.remove(connection)
        counters.open.count(-1)
        if connection.isFresh.exchange(false, ordering: .relaxed) { newcomers.count(-1) }
    }

    /// Cuts and answers what is overdue.
    func enforceDeadlines(at now: MonotonicTime = .now) {
        let cut = connections.cutOverdue(at: now, limits: limits)
        if cut > 0 { counters.cut.count(cut) }
        for answer in pending.overdue(at: now) where answer.abandon() { counters.abandoned.count() }
    }
}
