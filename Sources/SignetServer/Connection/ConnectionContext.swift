import SignetGateway
import SignetIdentity
import SignetSystem

/// What names a connection: a slot of its worker, and how often the slot was used before. It outlives the connection safely.
struct ConnectionID: Sendable, Hashable {
    let slot: UInt32
    let generation: UInt32
}

/// What a connection has of the worker that runs it.
final class ConnectionContext {
    let handler: any RequestHandling
    let limits: ServerLimits
    let counters: ServerCounters
    let pool: BlockPool
    /// What every connection reads into that keeps nothing: one that has to wait for more takes it along.
    var reading = Block()
    /// The time, read once a turn.
    var now = MonotonicTime.now
    /// For how many nanoseconds this worker has kept clients waiting by itself, in stalls that are worth counting.
    var stalled: UInt64 = 0
    /// How many steps of handshakes were done in this turn.
    var handshakeSteps = 0
    /// Whether every answer ends its connection.
    var isDraining = false
    /// The Date field, made once a second.
    var date: [UInt8] = [] {
        didSet {
            okAndDate = []
            ResponseHead.appendStatus(200, to: &okAndDate)
            okAndDate += date
        }
    }
    /// The status line of a 200 and the Date field.
    private(set) var okAndDate: [UInt8] = []
    /// Memory in which answers are put together. Whoever uses it takes it away meanwhile.
    var scratch: [UInt8] = []
    /// Begins to wait for a reply, which comes back by ``Connection/deliver(_:sequence:)``.
    let wait: (PendingReply, ConnectionID, UInt32) -> Task<Void, Never>?

    init(
        handler: any RequestHandling, limits: ServerLimits, counters: ServerCounters, memory: Int,
        wait: @escaping (PendingReply, ConnectionID, UInt32) -> Task<Void, Never>?
    ) {
        self.handler = handler
        self.limits = limits
        self.counters = counters
        self.wait = wait
        pool = BlockPool(bytes: memory)
        scratch.reserveCapacity(Block.size * 2)
    }
}
