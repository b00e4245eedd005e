import SignetGateway
import SignetIdentity
import SignetSystem
import Synchronization

/// What a worker's thread shares with the others.
final class WorkerPort: Sendable {
    let mailbox: Mailbox
    /// How many connections it has, with those that are on their way to it.
    let load = Atomic<Int>(0)

    init() throws(SignetError) {
        mailbox = try Mailbox()
    }
}

/// Serves connections on one thread: it waits for events, and lets each connection take its turn.
final class Worker {
    private struct Slot {
        var generation: UInt32 = 0
        var connection: Connection?
        var descriptor: Int32 = -1
        var address: AddressKey?
        var interest = Connection.Interest.nothing
        var isShaking = false
        /// Whether it is on the list of those that have work.
        var isReady = false
    }

    private let port: WorkerPort
    private let admission: Admission
    private let makeStream: (SocketStream) -> (any ByteStream)?
    private let context: ConnectionContext
    private let poller: Poller
    private var slots: [Slot] = []
    private var freeSlots: [UInt32] = []
    private var ready: [ConnectionID] = []
    private var timers = Timers()
    /// The connections that began with a handshake, in their order.
    private var handshakes: [(id: ConnectionID, start: MonotonicTime)] = []
    private var firstHandshake = 0
    /// How many of them have not finished it.
    private var shaking = 0
    private let maximumHandshakes: Int
    private var second: Int64 = 0
    private var end: MonotonicTime?
    private var isExpired = false

    static let mailboxToken = UInt64.max
    /// A turn that takes longer is a stall of our own, and no client's fault.
    private static let stall: UInt64 = 200_000_000
    /// While there are deadlines, in milliseconds: in a longer wait a stall could not be told from the wait.
    private static let longestWait: Int64 = 1_000
    /// From then on a handshake waits for its client and not for us, in milliseconds.
    private static let handshakePatience: Int64 = 3_000

    init(
        _ port: WorkerPort, poller: Poller, admission: Admission, limits: ServerLimits, counters: ServerCounters,
        handler: any RequestHandling, makeStream: @escaping (SocketStream) -> (any ByteStream)?
    ) {
        self.port = port
        self.poller = poller
        self.admission = admission
        self.makeStream = makeStream
        maximumHandshakes = max(1, limits.connections / 4 / limits.threads)
        let mailbox = port.mailbox
        context = ConnectionContext(
            handler: handler, limits: limits, counters: counters, memory: limits.memory / limits.threads
        ) { reply, id, sequence in
            Task { mailbox.post(.reply(await reply.response(), id, sequence)) }
        }
    }

    /// Serves until it was told to finish and nothing is left.
    func run() {
        context.now = .now
        while end == nil || freeSlots.count < slots.count {
            let patience = patience
            let before = MonotonicTime.now
            let count = poller.wait(milliseconds: patience)
            let start = MonotonicTime.now
            // The process was stopped, or had no processor: it could read from nobody.
            if patience >= 0 {
                let late = start.nanoseconds(since: before.advanced(byMilliseconds: Int64(patience)))
                if late > Self.stall { context.stalled += late }
            }
            context.now = start
            context.handshakeSteps = 0
            refreshDate()
            takeTurn(events: count)
            let nanoseconds = MonotonicTime.now.nanoseconds(since: start)
            context.counters.turnTook(nanoseconds: nanoseconds)
            if nanoseconds > Self.stall { context.stalled += nanoseconds }
        }
        port.mailbox.close()
    }

    /// For how long to wait for an event, in milliseconds; -1 is for ever.
    private var patience: Int32 {
        guard ready.isEmpty else { return 0 }
        let moments = [timers.first, end].compactMap(\.self)
        guard let first = moments.min() else { return -1 }
        // Rounded up: a moment that has not come wakes for nothing.
        return Int32(clamping: min(context.now.milliseconds(until: first) + 1, Self.longestWait))
    }

    private func refreshDate() {
        let now = unixSeconds()
        guard now != second else { return }
        second = now
        context.date = DateField.bytes(now)
    }

    private func takeTurn(events count: Int) {
        // Before the events: a connection that gets work by one has had its share of this turn.
        let waiting = ready
        ready = []
        var hasMail = false
        for index in 0..<count {
            let event = poller.event(index)
            if event.token == Self.mailboxToken { hasMail = true } else { handle(event) }
        }
        if hasMail { for message in port.mailbox.take() { handle(message) } }
        for id in waiting where slots[Int(id.slot)].generation == id.generation {
            slots[Int(id.slot)].isReady = false
            with(id) { $0.work() }
        }
        while let (time, id) = timers.takeDue(at: context.now) { handleTimer(time, id) }
        if let end, context.now >= end { expire() }
    }

    // MARK: Connections

    /// Has a connection do something, and then sees to what it waits for.
    private func with(_ id: ConnectionID, _ body: (Connection) -> Void) {
        let slot = Int(id.slot)
        guard slot < slots.count, slots[slot].generation == id.generation, let connection = slots[slot].connection
        else { return }
        body(connection)
        settle(connection)
    }

    private func settle(_ connection: Connection) {
        let standing = connection.standing
        guard standing.phase != .closed else { return remove(connection) }
        let slot = Int(connection.id.slot)
        if standing.phase != .handshake { endHandshake(slot) }
        if standing.interest != slots[slot].interest {
            slots[slot].interest = standing.interest
            poller.change(slots[slot].descriptor, token: Self.token(connection.id), standing.interest)
        }
        if standing.hasWork, !slots[slot].isReady {
            slots[slot].isReady = true
            ready.append(connection.id)
        }
        if connection.timer.map({ standing.due < $0 }) ?? true {
            connection.timer = standing.due
            timers.add(standing.due, connection.id)
        }
    }

    private func add(_ descriptor: Int32, _ address: AddressKey?) {
        let socket = SocketStream(descriptor)
        guard let stream = makeStream(socket) else {
            socket.close(reset: true)
            admission.release(address)
            return port.load.count(-1)
        }
        let slot = freeSlots.popLast() ?? UInt32(slots.count)
        if slot == slots.count { slots.append(Slot()) }
        let id = ConnectionID(slot: slot, generation: slots[Int(slot)].generation)
        let connection = Connection(id, over: stream, in: context)
        slots[Int(slot)].connection = connection
        slots[Int(slot)].descriptor = descriptor
        slots[Int(slot)].address = address
        slots[Int(slot)].interest = connection.interest
        if stream.needsHandshake { addHandshake(id) }
        guard poller.add(descriptor, token: Self.token(id), connection.interest) else {
            connection.close(reset: true)
            return remove(connection)
        }
        if context.isDraining { connection.drain() }
        settle(connection)
    }

    /// Takes in a connection that has its handshake before it. Where more than a quarter of all have, those that wait for their
    /// clients make room, the oldest first; a burst of good ones is let in.
    private func addHandshake(_ id: ConnectionID) {
        slots[Int(id.slot)].isShaking = true
        shaking += 1
        handshakes.append((id, context.now))
        while firstHandshake < handshakes.count {
            let (oldest, start) = handshakes[firstHandshake]
            let slot = slots[Int(oldest.slot)]
            let isShaking = slot.generation == oldest.generation && slot.isShaking
            let isStalled = start.advanced(byMilliseconds: Self.handshakePatience) < context.now
            guard !isShaking || shaking > maximumHandshakes && isStalled else { break }
            firstHandshake += 1
            guard isShaking else { continue }
            context.counters.count(.handshake)
            with(oldest) { $0.close(reset: true) }
        }
        if firstHandshake > 1_024 {
            handshakes.removeFirst(firstHandshake)
            firstHandshake = 0
        }
    }

    /// Notes that a connection has no handshake before it any more.
    private func endHandshake(_ slot: Int) {
        guard slots[slot].isShaking else { return }
        slots[slot].isShaking = false
        shaking -= 1
    }

    private func remove(_ connection: Connection) {
        let slot = Int(connection.id.slot)
        endHandshake(slot)
        admission.release(slots[slot].address)
        slots[slot].connection = nil
        slots[slot].isReady = false
        slots[slot].generation &+= 1
        freeSlots.append(connection.id.slot)
        port.load.count(-1)
    }

    private static func token(_ id: ConnectionID) -> UInt64 {
        UInt64(id.generation) << 32 | UInt64(id.slot)
    }

    // MARK: Events

    private func handle(_ event: Poller.Event) {
        let id = ConnectionID(
            slot: UInt32(truncatingIfNeeded: event.token), generation: UInt32(truncatingIfNeeded: event.token >> 32))
        with(id) { connection in
            if event.isBroken, event.isReady, connection.phase == .lingering {
                // What the client sent is read first: closing before that would take its answer away.
                connection.socketIsReady()
            } else if event.isBroken {
                connection.close()
            } else if event.isLeaving {
                connection.clientHasLeft()
            } else if event.isReady, !slots[Int(id.slot)].isReady {
                connection.socketIsReady()
            }
        }
    }

    private func handle(_ message: Mailbox.Message) {
        switch message {
        case .accepted(let descriptor, let address): add(descriptor, address)
        case .reply(let response, let id, let sequence):
            var isThere = false
            with(id) { connection in
                isThere = true
                connection.deliver(response, sequence: sequence)
            }
            if !isThere { response.onEnd?(false) }
        case .endLingering: forAll { if $0.phase == .lingering { $0.close() } }
        case .drain:
            context.isDraining = true
            forAll { $0.drain() }
        case .finish(let moment): end = min(end ?? moment, moment)
        }
    }

    private func handleTimer(_ time: MonotonicTime, _ id: ConnectionID) {
        with(id) { connection in
            // Another entry, made for an earlier deadline, has taken the place of this one.
            guard connection.timer == time else { return }
            connection.timer = nil
            if connection.due <= context.now { connection.deadlinePassed() }
        }
    }

    private func forAll(_ body: (Connection) -> Void) {
        for slot in slots.indices {
            guard let connection = slots[slot].connection else { continue }
            body(connection)
            settle(connection)
        }
    }

    /// Ends everything: with an answer where a request is whole, and a moment for it to go out.
    private func expire() {
        if isExpired {
            forAll { $0.close() }
        } else {
            isExpired = true
            end = context.now.advanced(byMilliseconds: context.limits.farewell)
            forAll { $0.expire() }
        }
    }
}
