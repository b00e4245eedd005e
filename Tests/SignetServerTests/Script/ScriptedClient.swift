import SignetGateway
import SignetIdentity
import SignetSystem

@testable import SignetServer

/// A client without a socket, a worker or a clock. A script performs events, and every invariant is checked after each of them.
final class ScriptedClient {
    let handler = ScriptedHandler()
    let stream: ScriptedStream
    let context: WorkerContext
    /// The violated invariants.
    private(set) var faults: [String] = []
    /// The events so far.
    private(set) var events: [ScriptedEvent] = []
    var isClosed: Bool { client == nil }

    private var client: Client?
    private weak var witness: Client?
    private let waiting: Waiting
    private var reading = StreamReading([])
    /// How many bytes `reading` has.
    private var readBytes = 0
    private var answers = AnswerCheck()
    private var deadlines: DeadlineModel
    private var hadWork = false
    /// How many blocks of memory other clients use.
    private var filled = 0
    /// The number of answers when the drain began, and when the certificate was replaced.
    private var answersBeforeDrain: Int?
    private var answersBeforeReplacement: Int?
    /// How many requests, answers and interim answers were checked.
    private var (seenRequests, seenAnswers, seenInterims) = (0, 0, 0)

    /// The sequence numbers of the pending replies, in order.
    private final class Waiting {
        var sequences: [UInt32] = []
    }

    private static let limits: ServerLimits = {
        var limits = ServerLimits()
        // All are different, and a request's time is shorter than the sum of its parts.
        (limits.handshake, limits.firstByte, limits.header, limits.body) = (4_000, 11_000, 5_000, 9_000)
        (limits.request, limits.answer, limits.idle, limits.linger) = (20_000, 10_000, 75_000, 1_000)
        return limits
    }()

    private static let plainText = Array(Problem.plainText.code.utf8)

    /// Creates a client that has just been accepted.
    init(_ kind: ScriptedStream.Kind = ScriptedStream.Kind()) {
        let waiting = Waiting()
        self.waiting = waiting
        stream = ScriptedStream(kind, ledger: handler)
        context = WorkerContext(
            handler: handler, limits: Self.limits, counters: ServerCounters(), memory: 8 * Block.size
        ) { _, _, sequence in
            waiting.sequences.append(sequence)
            return nil
        }
        context.now = MonotonicTime(nanoseconds: 1_000_000_000_000)
        context.date = DateField.bytes(784_111_777)
        deadlines = DeadlineModel(context)
        let client = Client(ClientID(slot: 3, generation: 7), over: stream, in: context)
        self.client = client
        witness = client
        check(client)
    }

    /// Whether an event can have an effect. The tests of all orders skip the others.
    func canMatter(_ event: ScriptedEvent) -> Bool {
        guard let client else { return false }
        return switch event {
        case .sends, .ends: !stream.hasEnded && !stream.isBroken
        case .breaks: !stream.isBroken
        case .takes(let policy): policy != stream.policy
        case .writable: client.state.interest == .writing
        case .leaves, .replies: client.state.phase == .pending
        case .repliesAgain: !waiting.sequences.isEmpty && client.state.phase != .pending
        case .repliesLate: waiting.sequences.count > 1
        case .works: client.state.hasWork
        case .drains: answersBeforeDrain == nil
        case .expires: answersBeforeDrain != nil
        case .fills: filled == 0
        case .replacesCertificate: !stream.hasOldCertificate
        case .waitsForOpposite: !stream.nextWaitsForOpposite
        case .readable, .hangsUp, .deadline, .passes, .stalls: true
        }
    }

    // MARK: Events

    func perform(_ event: ScriptedEvent) {
        guard faults.isEmpty else { return }
        perform(event, with: client)
        if client?.state.phase == .closed { conclude() }
    }

    /// Continues as a worker does until the socket is closed.
    func finish() {
        if stream.policy != .broken { perform(.takes(.all)) }
        // Every turn reads, answers or closes something.
        let turns = 100 + 2 * stream.incoming.count
        for _ in 0..<turns {
            guard faults.isEmpty, let interest = client?.state.interest, let hasWork = client?.state.hasWork else {
                return
            }
            if hasWork {
                perform(.works)
                continue
            }
            switch interest {
            case .reading: perform(stream.isReadable || stream.waitsForOpposite ? .readable : .deadline)
            case .writing: perform(.writable)
            case .leaving: perform(stream.hasEnded ? .leaves : .replies)
            case .nothing: fail("the socket is open, and waits for nothing")
            }
        }
        fail("the socket is still open after \(turns) turns")
    }

    private func perform(_ event: ScriptedEvent, with client: Client?) {
        guard let client else { return }
        events.append(event)
        context.now = context.now.advanced(byMilliseconds: 1)
        context.handshakeSteps = 0
        hadWork = client.state.hasWork
        tell(client, event)
        check(client)
    }

    private func tell(_ client: Client, _ event: ScriptedEvent) {
        switch event {
        case .sends(let bytes):
            stream.arrive(bytes)
            notify(client)
        case .ends:
            stream.end()
            notify(client)
        case .breaks:
            stream.breakDown()
            notify(client)
        case .hangsUp: client.state.close()
        case .takes(let policy): stream.policy = policy
        case .readable: client.state.socketIsReady()
        case .writable:
            stream.makeRoom()
            client.state.socketIsReady()
        case .leaves:
            stream.end()
            leave(client)
        case .waitsForOpposite: stream.nextWaitsForOpposite = true
        case .replies, .repliesAgain: reply(client, sequence: waiting.sequences.last ?? 0)
        case .repliesLate: reply(client, sequence: waiting.sequences.dropLast().last ?? 0)
        case .deadline: passDeadline(client)
        case .passes(let milliseconds): context.now = context.now.advanced(byMilliseconds: milliseconds)
        case .stalls(let milliseconds):
            context.now = context.now.advanced(byMilliseconds: milliseconds)
            context.stalled += UInt64(milliseconds) * 1_000_000
        case .works: client.state.work()
        case .drains:
            guard !context.isDraining else { return }
            answersBeforeDrain = handler.account.answers.count
            context.isDraining = true
            client.state.drain()
        case .expires:
            guard context.isDraining else { return }
            client.state.expire()
            let mayGoOn = [.answering, .lingering, .closed].contains(client.state.phase)
            if !mayGoOn { fail("the drain's time is over, and the client continues") }
        case .fills(let left):
            while context.pool.maximum - context.pool.used > left, context.pool.reserve() { filled += 1 }
        case .replacesCertificate:
            answersBeforeReplacement = answersBeforeReplacement ?? handler.account.answers.count
            stream.hasOldCertificate = true
        }
    }

    /// Delivers the socket's event.
    private func notify(_ client: Client) {
        switch client.state.interest {
        case .reading: if stream.isReadable { client.state.socketIsReady() }
        case .leaving: if stream.isBroken { client.state.close() } else if stream.hasEnded { leave(client) }
        case .writing: if stream.isBroken { client.state.close() }
        case .nothing: break
        }
    }

    private func leave(_ client: Client) {
        client.state.clientHasLeft()
        if client.state.phase == .pending { fail("the client has left, and its request is still pending") }
    }

    private func reply(_ client: Client, sequence: UInt32) {
        let isAwaited = client.state.phase == .pending && sequence == waiting.sequences.last
        let requests = handler.account.requests
        let role: ScriptedHandler.Answer.Role = isAwaited ? .reply(requests.count - 1) : .late
        client.state.deliver(handler.answer(role, to: requests.last?.target ?? "/"), sequence: sequence)
    }

    /// Advances to the deadline. A worker checks deadlines after events.
    private func passDeadline(_ client: Client) {
        context.now = max(context.now, client.state.due)
        if client.state.hasWork { client.state.work() } else { notify(client) }
        guard client.state.phase != .closed, client.state.due <= context.now else { return }
        let hasMore = client.state.hasWork && !stream.hasBuffered
        client.state.deadlinePassed()
        if hasMore, !client.state.hasWork { fail("a client is cut off for work that the worker has not done yet") }
        if client.state.phase != .closed, !client.state.hasWork, client.state.due <= context.now {
            fail("a deadline has passed without effect")
        }
    }

    // MARK: Invariants

    private func fail(_ text: String) {
        faults.append(text)
    }

    private func check(_ client: Client) {
        reading.take(stream.incoming[readBytes..<stream.received])
        readBytes = stream.received
        let account = handler.account
        checkRequests(client, account)
        // A complete request is refused if there is no memory for it.
        let count = account.requests.count
        let refusedMethod = count < reading.requests.count ? reading.requests[count].request.method : reading.nextMethod
        answers.read(
            stream.outgoing, AnswerCheck.Expected(account: account, date: context.date, refusedMethod: refusedMethod))
        faults += answers.faults + stream.faults
        // The other checks mean nothing if the bytes are wrong.
        guard faults.isEmpty else { return }
        checkAnswers(client, account)
        checkInterim(client)
        checkInterest(client, account)
        checkMemory(client, account)
        checkDeadline(client, account)
    }

    /// The handler gets the requests of the whole stream, and no complete request waits for more bytes.
    private func checkRequests(_ client: Client, _ account: ScriptedHandler.Account) {
        let expected = reading.requests
        guard account.requests.count <= expected.count else { return fail("a request that is not in the stream") }
        for number in seenRequests..<account.requests.count where !expected[number].equals(account.requests[number]) {
            fail("request \(number) is not the one in the stream")
        }
        if account.requests.count > seenRequests, account.answers.prefix(seenAnswers).contains(where: \.isRefusal) {
            fail("a request after a refusal")
        }
        seenRequests = account.requests.count
        let isWaiting = (client.state.phase == .head || client.state.phase == .body) && !client.state.hasWork
        if isWaiting, expected.count > account.requests.count || reading.fault != nil {
            fail("a complete request is not answered")
        }
    }

    /// `onEnd` of every answer is called once, and with true only if the last byte was taken.
    private func checkAnswers(_ client: Client, _ account: ScriptedHandler.Account) {
        var open = 0
        for index in seenAnswers..<account.answers.count {
            let answer = account.answers[index]
            let end = answers.ends[index]
            switch (answer.endings.count, end) {
            case (0, nil): open += 1
            case (0, _): fail("a complete answer has no onEnd")
            case (1, _):
                if answer.endings[0].isWhole ? end != answer.endings[0].taken : end != nil {
                    fail("an answer ends at \(end ?? -1), and its onEnd is \(answer.endings[0])")
                }
                if open == 0 { seenAnswers = index + 1 }
            default: fail("an answer has \(answer.endings.count) calls of onEnd")
            }
            if answer.role == .late, answer.endings.isEmpty { fail("a late answer has no onEnd") }
            if answer.isRefusal { checkRefusal(answer) }
            if let closes = answers.closes[index] { checkClose(answer, index, closes) }
        }
        if open > 1 { fail("\(open) answers at once") }
        if open > 0, client.state.phase == .closed { fail("an answer without onEnd") }
        let isAtEnd = client.state.phase == .lingering || client.state.phase == .closed
        if answers.isLast, !isAtEnd { fail("the client continues after its last answer") }
        // An answer that was sent before there was a reason cannot have Connection: close.
        let mayEnd = context.isDraining || filled > 0 || stream.incoming.first == 0x16
        if client.state.phase == .lingering, !answers.isLast, !mayEnd {
            fail("the socket is closed without Connection: close")
        }
    }

    private func checkRefusal(_ answer: ScriptedHandler.Answer) {
        switch answer.status {
        case 408: if stream.received == 0 { fail("a 408 without a request") }
        case 503: if filled == 0 { fail("a 503 although memory is free") }
        case 400 where stream.needsHandshake && stream.received == 0: break
        default: if answer.status != reading.fault?.status { fail("a refusal with \(answer.status) for no reason") }
        }
    }

    private func checkClose(_ answer: ScriptedHandler.Answer, _ index: Int, _ closes: Bool) {
        guard case .reply(let number) = answer.role else { return }
        let isLast = reading.requests[number].isLast
        let mustEnd = [answersBeforeDrain, answersBeforeReplacement].contains { $0.map { index >= $0 } ?? false }
        if isLast || mustEnd, !closes { fail("the last answer has no Connection: close") }
        let mayEnd = context.isDraining || stream.hasOldCertificate || filled > 0
        if closes, !isLast, !mayEnd { fail("an answer has Connection: close without a reason") }
    }

    /// 100 is sent once if the client waits for it, before the first byte of the body.
    private func checkInterim(_ client: Client) {
        let number = reading.requests.count
        for place in answers.interims.dropFirst(seenInterims) {
            let isAwaited = place == number && reading.expectsContinue && stream.received == reading.bodyStart
            if !isAwaited || answers.interims.filter({ $0 == place }).count > 1 {
                fail("100 that the client does not wait for")
            }
        }
        seenInterims = answers.interims.count
        if client.state.phase == .body, reading.expectsContinue, stream.received == reading.bodyStart,
            answers.interims.last != number
        {
            fail("100 is missing")
        }
    }

    /// The client always waits for an event that can come.
    private func checkInterest(_ client: Client, _ account: ScriptedHandler.Account) {
        let isPending = account.isPending && client.state.phase != .closed
        let isSending =
            client.state.phase == .answering || account.answers.contains { $0.role != .late && $0.endings.isEmpty }
        let wanted: ClientState.Interest =
            if client.state.phase == .closed {
                .nothing
            } else if isPending {
                .leaving
            } else if isSending {
                stream.waitsForOpposite ? .reading : .writing
            } else {
                stream.waitsForOpposite && client.state.phase != .lingering ? .writing : .reading
            }
        let isWaiting = client.state.phase == .head || client.state.phase == .body
        if isWaiting, stream.hasBuffered, !client.state.hasWork { fail("unread bytes without an event") }
        if client.state.interest != wanted { fail("it waits for \(client.state.interest) instead of \(wanted)") }
        if stream.isClosed != (client.state.phase == .closed) { fail("the stream is not closed with the client") }
    }

    /// Memory is used only for an incomplete request.
    private func checkMemory(_ client: Client, _ account: ScriptedHandler.Account) {
        let used = context.pool.used - filled
        let start = account.requests.last == nil ? 0 : reading.requests[account.requests.count - 1].end
        let head = (reading.isInBody ? reading.bodyStart : stream.received) - start
        let most =
            switch client.state.phase {
            case .handshake, .lingering, .closed: 0
            // The block, the parsed part of a head, and a body.
            case .head: hasBeginning(account) ? 2 + head / Block.size : client.state.hasWork ? 1 : 0
            case .body: 3 + head / Block.size
            case .pending: hasBeginning(account) ? 1 : 0
            case .answering: reading.isInBody ? 3 + head / Block.size : 1
            }
        if context.pool.used > context.pool.maximum { fail("more memory than the limit") }
        if !(0...most).contains(used) { fail("\(used) blocks of memory in \(client.state.phase)") }
        if !context.reading.isEmpty { fail("bytes are left in the shared block") }
    }

    /// Whether bytes of a next request were read.
    private func hasBeginning(_ account: ScriptedHandler.Account) -> Bool {
        let count = account.requests.count
        return stream.received > (count == 0 ? 0 : reading.requests[count - 1].end)
    }

    private func checkDeadline(_ client: Client, _ account: ScriptedHandler.Account) {
        deadlines.observe(
            DeadlineModel.View(
                phase: client.state.phase, hasWork: client.state.hasWork, hadWork: hadWork,
                requests: account.requests.count, hasBeginning: hasBeginning(account), taken: account.taken,
                answerStart: answers.position, discarded: stream.discarded, progress: stream.progress,
                isDraining: context.isDraining), context)
        if let fault = deadlines.fault(of: client.state.due, context) { fail(fault) }
    }

    // MARK: After the close

    private func conclude() {
        tellClosed(client)
        let account = handler.account
        if reading != StreamReading(Array(stream.incoming.prefix(readBytes))) {
            fail("the result depends on the pieces")
        }
        if account.isPending { fail("a reply is still pending") }
        if account.answers.contains(where: { $0.endings.count != 1 }) { fail("an answer without exactly one onEnd") }
        if context.pool.used != filled { fail("\(context.pool.used - filled) blocks of memory are lost") }
        let next = context.pool.take()
        if ![next, context.reading].allSatisfy({ $0.map(Self.isWiped) ?? true }) {
            fail("the memory of a request is not wiped")
        }
        if let next { context.pool.giveBack(next) }
        let counts = context.counters.statistics.refusals
        let refusals = [Refusal.framing, .head, .body, .memory].reduce(0) { $0 + (counts[$1] ?? 0) }
        let expected = account.answers.count { $0.isRefusal && $0.body != Self.plainText }
        if refusals != expected {
            fail("\(refusals) refusals were counted")
        }
        if counts[.request, default: 0] != account.abandoned.count(where: { $0.reason == .deadline }) {
            fail("the count of slow requests is wrong")
        }
        faults += stream.faults
        client = nil
        if witness != nil { fail("the client is not released") }
    }

    private static func isWiped(_ block: Block) -> Bool {
        var isWiped = true
        _ = block.fill { memory, room in
            isWiped =
                room.count == Block.size
                && memory.withUnsafeBytes { bytes in
                    bytes.withMemoryRebound(to: UInt64.self) { $0.allSatisfy { $0 == 0 } }
                }
            return 0
        }
        return isWiped
    }

    /// Later events have no effect: a closed stream must not be used.
    private func tellClosed(_ client: Client?) {
        guard let client else { return }
        client.state.socketIsReady()
        client.state.work()
        client.state.clientHasLeft()
        client.state.drain()
        client.state.expire()
        reply(client, sequence: waiting.sequences.last ?? 0)
        client.state.close()
        if handler.account.requests.count != seenRequests { fail("a request after the close") }
    }
}
