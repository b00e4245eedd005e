import SignetGateway
import SignetIdentity
import SignetSystem

/// What a worker's clients share.
final class WorkerContext {
    let handler: any RequestHandling
    let limits: ServerLimits
    let counters: ServerCounters
    let pool: BlockPool
    /// The block that all clients read into. A client that has to keep unread bytes takes it and leaves a new one.
    var reading = Block()
    /// The time, read once a turn.
    var now = MonotonicTime.now
    /// For how many nanoseconds this worker itself has delayed its clients, counted in long stalls only.
    var stalled: UInt64 = 0
    /// How many handshake steps were done in this turn.
    var handshakeSteps = 0
    /// Whether every socket is closed after its next answer.
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
    /// Memory for composing answers. The user takes it out and puts it back.
    var scratch: [UInt8] = []
    /// Starts to wait for a reply, which comes back by ``ClientState/deliver(_:sequence:)``.
    let wait: (PendingReply, ClientID, UInt32) -> Task<Void, Never>?

    init(
        handler: any RequestHandling, limits: ServerLimits, counters: ServerCounters, memory: Int,
        wait: @escaping (PendingReply, ClientID, UInt32) -> Task<Void, Never>?
    ) {
        self.handler = handler
        self.limits = limits
        self.counters = counters
        self.wait = wait
        pool = BlockPool(bytes: memory)
        scratch.reserveCapacity(Block.size * 2)
    }

    /// The time with the worker's delays until now.
    var clock: ClockReading { ClockReading(time: now, stalled: stalled) }
}
