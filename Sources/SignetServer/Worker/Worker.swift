import SignetGateway
import SignetIdentity
import SignetSystem
import Synchronization

/// The part of a worker that other threads use.
final class WorkerHandle: Sendable {
    let mailbox: Mailbox
    /// How many clients it has, with those in its mailbox.
    let load = Atomic<Int>(0)

    init() throws(SignetError) {
        mailbox = try Mailbox()
    }
}

/// Serves clients on one thread: it waits for events, and gives each client its turn.
final class Worker {
    private struct Slot {
        var generation: UInt32 = 0
        var client: Client?
        var descriptor: Int32 = -1
        var address: AddressKey?
        var interest = ClientState.Interest.nothing
        var isInHandshake = false
        /// Whether it is in `ready`.
        var isReady = false
    }

    private let handle: WorkerHandle
    private let limiter: ClientLimiter
    private let makeStream: (SocketStream) -> (any ByteStream)?
    private let context: WorkerContext
    private let poller: Poller
    private var slots: [Slot] = []
    private var freeSlots: [UInt32] = []
    /// The clients that can continue without an event.
    private var ready: [ClientID] = []
    private var timers = Timers()
    /// The clients that began with a handshake, in order.
    private var handshakes: [(id: ClientID, start: MonotonicTime)] = []
    private var firstHandshake = 0
    /// How many clients have not completed their handshake.
    private var openHandshakes = 0
    private let maximumHandshakes: Int
    private var second: Int64 = 0
    private var end: MonotonicTime?
    private var isExpired = false

    static let mailboxToken = UInt64.max
    /// A longer turn, in nanoseconds, is a stall: it does not count as the clients' time.
    private static let stall: UInt64 = 200_000_000
    /// The longest wait while there are deadlines, in milliseconds. A longer wait could hide a stall.
    private static let longestWait: Int64 = 1_000
    /// After this time a handshake waits for its client and not for this worker, in milliseconds.
    private static let handshakeWait: Int64 = 3_000

    init(
        _ handle: WorkerHandle, poller: Poller, limiter: ClientLimiter, limits: ServerLimits, counters: ServerCounters,
        handler: any RequestHandling, makeStream: @escaping (SocketStream) -> (any ByteStream)?
    ) {
        self.handle = handle
        self.poller = poller
        self.limiter = limiter
        self.makeStream = makeStream
        maximumHandshakes = max(1, limits.clients / 4 / limits.threads)
        let mailbox = handle.mailbox
        context = WorkerContext(
            handler: handler, limits: limits, counters: counters, memory: limits.memory / limits.threads
        ) { reply, id, sequence in
            Task { mailbox.post(.reply(await reply.response(), id, sequence)) }
        }
    }

    /// Serves until it is told to finish and has no client.
    func run() {
        context.now = .now
        while end == nil || freeSlots.count < slots.count {
            let wait = waitMilliseconds
            let before = MonotonicTime.now
            let count = poller.wait(milliseconds: wait)
            let start = MonotonicTime.now
            // A late return is a stall too: the process was stopped, or had no processor.
            if wait >= 0 {
                let late = start.nanoseconds(since: before.advanced(byMilliseconds: Int64(wait)))
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
        handle.mailbox.close()
    }

    /// How long to wait for an event, in milliseconds; -1 is without a limit.
    private var waitMilliseconds: Int32 {
        guard ready.isEmpty else { return 0 }
        let moments = [timers.first, end].compactMap(\.self)
        guard let first = moments.min() else { return -1 }
        // Rounded up: waking before the time would be useless.
        return Int32(clamping: min(context.now.milliseconds(until: first) + 1, Self.longestWait))
    }

    private func refreshDate() {
        let now = unixSeconds()
        guard now != second else { return }
        second = now
        context.date = DateField.bytes(now)
    }

    private func takeTurn(events count: Int) {
        // Taken before the events: a client that gets work by an event has had its turn.
        let waiting = ready
        ready = []
        var hasMessages = false
        for index in 0..<count {
            let event = poller.event(index)
            if event.token == Self.mailboxToken { hasMessages = true } else { take(event) }
        }
        if hasMessages { for message in handle.mailbox.take() { take(message) } }
        for id in waiting where slots[Int(id.slot)].generation == id.generation {
            slots[Int(id.slot)].isReady = false
            with(id) { $0.state.work() }
        }
        while let (time, id) = timers.takeDue(at: context.now) { takeTimer(time, id) }
        if let end, context.now >= end { expire() }
    }

    // MARK: Clients

    /// Runs `body` on a client, and then arranges for what the client waits for.
    private func with(_ id: ClientID, _ body: (Client) -> Void) {
        let slot = Int(id.slot)
        guard slot < slots.count, slots[slot].generation == id.generation, let client = slots[slot].client
        else { return }
        body(client)
        update(client)
    }

    private func update(_ client: Client) {
        let summary = client.state.summary()
        guard summary.phase != .closed else { return remove(client) }
        let slot = Int(client.id.slot)
        if summary.phase != .handshake { endHandshake(slot) }
        if summary.interest != slots[slot].interest {
            slots[slot].interest = summary.interest
            poller.change(slots[slot].descriptor, token: Self.token(client.id), summary.interest)
        }
        if summary.hasWork, !slots[slot].isReady {
            slots[slot].isReady = true
            ready.append(client.id)
        }
        if client.timer.map({ summary.due < $0 }) ?? true {
            client.timer = summary.due
            timers.add(summary.due, client.id)
        }
    }

    private func add(_ descriptor: Int32, _ address: AddressKey?) {
        let socket = SocketStream(descriptor)
        guard let stream = makeStream(socket) else {
            socket.close(reset: true)
            limiter.release(address)
            return handle.load.count(-1)
        }
        let slot = freeSlots.popLast() ?? UInt32(slots.count)
        if slot == slots.count { slots.append(Slot()) }
        let id = ClientID(slot: slot, generation: slots[Int(slot)].generation)
        let client = Client(id, over: stream, in: context)
        let interest = client.state.interest
        slots[Int(slot)].client = client
        slots[Int(slot)].descriptor = descriptor
        slots[Int(slot)].address = address
        slots[Int(slot)].interest = interest
        if stream.needsHandshake { addHandshake(id) }
        guard poller.add(descriptor, token: Self.token(id), interest) else {
            client.state.close(reset: true)
            return remove(client)
        }
        if context.isDraining { client.state.drain() }
        update(client)
    }

    /// Counts a client that begins its handshake. If more than a quarter of all clients are in handshakes, those that wait for
    /// their peer are closed, the oldest first. A burst of fast clients is not affected.
    private func addHandshake(_ id: ClientID) {
        slots[Int(id.slot)].isInHandshake = true
        openHandshakes += 1
        handshakes.append((id, context.now))
        while firstHandshake < handshakes.count {
            let (oldest, start) = handshakes[firstHandshake]
            let slot = slots[Int(oldest.slot)]
            let isOpen = slot.generation == oldest.generation && slot.isInHandshake
            let isStalled = start.advanced(byMilliseconds: Self.handshakeWait) < context.now
            guard !isOpen || openHandshakes > maximumHandshakes && isStalled else { break }
            firstHandshake += 1
            guard isOpen else { continue }
            context.counters.count(.handshake)
            with(oldest) { $0.state.close(reset: true) }
        }
        if firstHandshake > 1_024 {
            handshakes.removeFirst(firstHandshake)
            firstHandshake = 0
        }
    }

    /// Stops counting a client whose handshake is over.
    private func endHandshake(_ slot: Int) {
        guard slots[slot].isInHandshake else { return }
        slots[slot].isInHandshake = false
        openHandshakes -= 1
    }

    private func remove(_ client: Client) {
        let slot = Int(client.id.slot)
        endHandshake(slot)
        limiter.release(slots[slot].address)
        slots[slot].client = nil
        slots[slot].isReady = false
        slots[slot].generation &+= 1
        freeSlots.append(client.id.slot)
        handle.load.count(-1)
    }

    private static func token(_ id: ClientID) -> UInt64 {
        UInt64(id.generation) << 32 | UInt64(id.slot)
    }

    // MARK: Events

    private func take(_ event: Poller.Event) {
        let id = ClientID(
            slot: UInt32(truncatingIfNeeded: event.token), generation: UInt32(truncatingIfNeeded: event.token >> 32))
        with(id) { client in
            if event.isBroken, event.isReady, client.state.phase == .lingering {
                // A close with unread bytes would reset the socket, and the client might lose its answer.
                client.state.socketIsReady()
            } else if event.isBroken {
                client.state.close()
            } else if event.isLeaving {
                client.state.clientHasLeft()
            } else if event.isReady, !slots[Int(id.slot)].isReady {
                client.state.socketIsReady()
            }
        }
    }

    private func take(_ message: Mailbox.Message) {
        switch message {
        case .accepted(let descriptor, let address): add(descriptor, address)
        case .reply(let response, let id, let sequence):
            var isDelivered = false
            with(id) { client in
                isDelivered = true
                client.state.deliver(response, sequence: sequence)
            }
            if !isDelivered { response.onEnd?(false) }
        case .endLingering: forAll { if $0.state.phase == .lingering { $0.state.close() } }
        case .drain:
            context.isDraining = true
            forAll { $0.state.drain() }
        case .finish(let moment): end = min(end ?? moment, moment)
        }
    }

    private func takeTimer(_ time: MonotonicTime, _ id: ClientID) {
        with(id) { client in
            // An entry for an earlier deadline has replaced this one.
            guard client.timer == time else { return }
            client.timer = nil
            if client.state.due <= context.now { client.state.deadlinePassed() }
        }
    }

    private func forAll(_ body: (Client) -> Void) {
        for slot in slots.indices {
            guard let client = slots[slot].client else { continue }
            body(client)
            update(client)
        }
    }

    /// Ends all clients. Pending requests are answered first, and the answers get a last short time.
    private func expire() {
        if isExpired {
            forAll { $0.state.close() }
        } else {
            isExpired = true
            end = context.now.advanced(byMilliseconds: context.limits.lastAnswers)
            forAll { $0.state.expire() }
        }
    }
}
