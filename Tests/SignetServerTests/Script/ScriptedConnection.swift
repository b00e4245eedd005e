import SignetGateway
import SignetIdentity
import SignetSystem

@testable import SignetServer

/// A connection without a socket, a worker or a clock: a script says what happens, and after every event everything is checked that
/// has to hold at all times.
final class ScriptedConnection {
    let handler = ScriptedHandler()
    let stream: ScriptedStream
    let context: ConnectionContext
    /// What did not hold.
    private(set) var faults: [String] = []
    /// What has happened.
    private(set) var events: [ScriptedEvent] = []
    var isClosed: Bool { connection == nil }

    private var connection: Connection?
    private weak var witness: Connection?
    private let waiting: Waiting
    private var reading = StreamReading([])
    /// How many bytes are in the reading.
    private var readBytes = 0
    private var answers = AnswerCheck()
    private var deadlines: DeadlineModel
    private var hadWork = false
    /// How many blocks of memory other connections have.
    private var filled = 0
    /// How many answers there were when the drain began, and when the certificate was replaced.
    private var answersBeforeDrain: Int?
    private var answersBeforeRetirement: Int?
    /// How many requests, answers and interim answers need no look any more.
    private var (seenRequests, seenAnswers, seenInterims) = (0, 0, 0)

    /// The numbers of the replies that were pending, in their order.
    private final class Waiting {
        var sequences: [UInt32] = []
    }

    private static let limits: ServerLimits = {
        var limits = ServerLimits()
        // All are different, and a request's time is shorter than that of its parts together.
        (limits.handshake, limits.firstByte, limits.header, limits.body) = (4_000, 11_000, 5_000, 9_000)
        (limits.request, limits.answer, limits.idle, limits.linger) = (20_000, 10_000, 75_000, 1_000)
        return limits
    }()

    private static let plainText = Array(Problem.plainText.code.utf8)

    /// Makes a connection that has just been accepted.
    init(_ kind: ScriptedStream.Kind = ScriptedStream.Kind()) {
        let waiting = Waiting()
        self.waiting = waiting
        stream = ScriptedStream(kind, ledger: handler)
        context = ConnectionContext(
            handler: handler, limits: Self.limits, counters: ServerCounters(), memory: 8 * Block.size
        ) { _, _, sequence in
            waiting.sequences.append(sequence)
            return nil
        }
        context.now = MonotonicTime(nanoseconds: 1_000_000_000_000)
        context.date = DateField.bytes(784_111_777)
        deadlines = DeadlineModel(context)
        let connection = Connection(ConnectionID(slot: 3, generation: 7), over: stream, in: context)
        self.connection = connection
        witness = connection
        check(connection)
    }

    /// Whether an event can make a difference. Those that cannot are left out where all orders are tried.
    func canMatter(_ event: ScriptedEvent) -> Bool {
        guard let connection else { return false }
        return switch event {
        case .sends, .ends: !stream.hasEnded && !stream.isBroken
        case .breaks: !stream.isBroken
        case .takes(let policy): policy != stream.policy
        case .writable: connection.interest == .writing
        case .leaves, .replies: connection.phase == .pending
        case .repliesAgain: !waiting.sequences.isEmpty && connection.phase != .pending
        case .repliesLate: waiting.sequences.count > 1
        case .works: connection.hasWork
        case .drains: answersBeforeDrain == nil
        case .expires: answersBeforeDrain != nil
        case .fills: filled == 0
        case .retires: !stream.isRetired
        case .crosses: !stream.crossesNext
        case .readable, .hangsUp, .deadline, .passes, .stalls: true
        }
    }

    // MARK: Events

    func perform(_ event: ScriptedEvent) {
        guard faults.isEmpty else { return }
        perform(event, with: connection)
        if connection?.phase == .closed { conclude() }
    }

    /// Lets everything that waits go on, as a worker does, until the connection is closed.
    func finish() {
        if stream.policy != .broken { perform(.takes(.all)) }
        // Every turn reads, answers or ends something.
        let turns = 100 + 2 * stream.incoming.count
        for _ in 0..<turns {
            guard faults.isEmpty, let interest = connection?.interest, let hasWork = connection?.hasWork else { return }
            if hasWork {
                perform(.works)
                continue
            }
            switch interest {
            case .reading: perform(stream.isReadable || stream.isCrossed ? .readable : .deadline)
            case .writing: perform(.writable)
            case .leaving: perform(stream.hasEnded ? .leaves : .replies)
            case .nothing: fail("the connection is open, and waits for nothing")
            }
        }
        fail("the connection is still open after \(turns) turns")
    }

    private func perform(_ event: ScriptedEvent, with connection: Connection?) {
        guard let connection else { return }
        events.append(event)
        context.now = context.now.advanced(byMilliseconds: 1)
        context.handshakeSteps = 0
        hadWork = connection.hasWork
        tell(connection, event)
        check(connection)
    }

    private func tell(_ connection: Connection, _ event: ScriptedEvent) {
        switch event {
        case .sends(let bytes):
            stream.arrive(bytes)
            notify(connection)
        case .ends:
            stream.end()
            notify(connection)
        case .breaks:
            stream.breakDown()
            notify(connection)
        case .hangsUp: connection.close()
        case .takes(let policy): stream.policy = policy
        case .readable: connection.socketIsReady()
        case .writable:
            stream.makeRoom()
            connection.socketIsReady()
        case .leaves:
            stream.end()
            leave(connection)
        case .crosses: stream.crossesNext = true
        case .replies, .repliesAgain: reply(connection, sequence: waiting.sequences.last ?? 0)
        case .repliesLate: reply(connection, sequence: waiting.sequences.dropLast().last ?? 0)
        case .deadline: passDeadline(connection)
        case .passes(let milliseconds): context.now = context.now.advanced(byMilliseconds: milliseconds)
        case .stalls(let milliseconds):
            context.now = context.now.advanced(byMilliseconds: milliseconds)
            context.stalled += UInt64(milliseconds) * 1_000_000
        case .works: connection.work()
        case .drains:
            guard !context.isDraining else { return }
            answersBeforeDrain = handler.account.answers.count
            context.isDraining = true
            connection.drain()
        case .expires:
            guard context.isDraining else { return }
            connection.expire()
            let mayGoOn = [.answering, .lingering, .closed].contains(connection.phase)
            if !mayGoOn { fail("the time is up, and the connection goes on") }
        case .fills(let left):
            while context.pool.maximum - context.pool.used > left, context.pool.reserve() { filled += 1 }
        case .retires:
            answersBeforeRetirement = answersBeforeRetirement ?? handler.account.answers.count
            stream.isRetired = true
        }
    }

    /// Tells what the socket tells.
    private func notify(_ connection: Connection) {
        switch connection.interest {
        case .reading: if stream.isReadable { connection.socketIsReady() }
        case .leaving: if stream.isBroken { connection.close() } else if stream.hasEnded { leave(connection) }
        case .writing: if stream.isBroken { connection.close() }
        case .nothing: break
        }
    }

    private func leave(_ connection: Connection) {
        connection.clientHasLeft()
        if connection.phase == .pending { fail("the client has left, and its request is still pending") }
    }

    private func reply(_ connection: Connection, sequence: UInt32) {
        let isAwaited = connection.phase == .pending && sequence == waiting.sequences.last
        let requests = handler.account.requests
        let role: ScriptedHandler.Answer.Role = isAwaited ? .reply(requests.count - 1) : .late
        connection.deliver(handler.answer(role, to: requests.last?.target ?? "/"), sequence: sequence)
    }

    /// Goes to the deadline. A worker looks at its deadlines last.
    private func passDeadline(_ connection: Connection) {
        context.now = max(context.now, connection.due)
        if connection.hasWork { connection.work() } else { notify(connection) }
        guard connection.phase != .closed, connection.due <= context.now else { return }
        let hasMore = connection.hasWork && !stream.hasBuffered
        connection.deadlinePassed()
        if hasMore, !connection.hasWork { fail("a client is cut off for what the worker has not done yet") }
        if connection.phase != .closed, !connection.hasWork, connection.due <= context.now {
            fail("a deadline has passed, and nothing came of it")
        }
    }

    // MARK: What has to hold

    private func fail(_ text: String) {
        faults.append(text)
    }

    private func check(_ connection: Connection) {
        reading.take(stream.incoming[readBytes..<stream.received])
        readBytes = stream.received
        let account = handler.account
        checkRequests(connection, account)
        // A refusal may be for a request that is there as a whole: when there is no memory for it.
        let count = account.requests.count
        let refusedMethod = count < reading.requests.count ? reading.requests[count].request.method : reading.nextMethod
        answers.read(
            stream.outgoing, AnswerCheck.Expected(account: account, date: context.date, refusedMethod: refusedMethod))
        faults += answers.faults + stream.faults
        // What follows says nothing where the bytes are wrong.
        guard faults.isEmpty else { return }
        checkAnswers(connection, account)
        checkInterim(connection)
        checkInterest(connection, account)
        checkMemory(connection, account)
        checkDeadline(connection, account)
    }

    /// What reaches the handler is what the whole stream says, however it was cut; and nothing that is there waits for more.
    private func checkRequests(_ connection: Connection, _ account: ScriptedHandler.Account) {
        let expected = reading.requests
        guard account.requests.count <= expected.count else { return fail("a request that is not in the stream") }
        for number in seenRequests..<account.requests.count where !expected[number].equals(account.requests[number]) {
            fail("request \(number) is not the one in the stream")
        }
        if account.requests.count > seenRequests, account.answers.prefix(seenAnswers).contains(where: \.isRefusal) {
            fail("a request after a refusal")
        }
        seenRequests = account.requests.count
        let isWaiting = (connection.phase == .head || connection.phase == .body) && !connection.hasWork
        if isWaiting, expected.count > account.requests.count || reading.fault != nil {
            fail("a request is there, and not answered")
        }
    }

    /// Every answer ends once, and is told to be whole exactly if its last byte was taken.
    private func checkAnswers(_ connection: Connection, _ account: ScriptedHandler.Account) {
        var open = 0
        for index in seenAnswers..<account.answers.count {
            let answer = account.answers[index]
            let end = answers.ends[index]
            switch (answer.endings.count, end) {
            case (0, nil): open += 1
            case (0, _): fail("a whole answer is not told to be whole")
            case (1, _):
                if answer.endings[0].isWhole ? end != answer.endings[0].taken : end != nil {
                    fail("an answer ends as \(answer.endings[0]), and goes to \(end.map { "\($0)" } ?? "nowhere")")
                }
                if open == 0 { seenAnswers = index + 1 }
            default: fail("an answer ends \(answer.endings.count) times")
            }
            if answer.role == .late, answer.endings.isEmpty { fail("an answer that is too late does not end") }
            if answer.isRefusal { checkRefusal(answer) }
            if let closes = answers.closes[index] { checkClose(answer, index, closes) }
        }
        if open > 1 { fail("\(open) answers at once") }
        if open > 0, connection.phase == .closed { fail("an answer without an end") }
        let isAtEnd = connection.phase == .lingering || connection.phase == .closed
        if answers.isLast, !isAtEnd { fail("the connection goes on after its last answer") }
        // An answer that was begun before there was a reason cannot say it.
        let mayEnd = context.isDraining || filled > 0 || stream.incoming.first == 0x16
        if connection.phase == .lingering, !answers.isLast, !mayEnd {
            fail("the connection ends without saying so")
        }
    }

    private func checkRefusal(_ answer: ScriptedHandler.Answer) {
        switch answer.status {
        case 408: if stream.received == 0 { fail("a 408 without a request") }
        case 503: if filled == 0 { fail("a 503 while there is memory") }
        case 400 where stream.needsHandshake && stream.received == 0: break
        default: if answer.status != reading.fault?.status { fail("a refusal with \(answer.status) for no reason") }
        }
    }

    private func checkClose(_ answer: ScriptedHandler.Answer, _ index: Int, _ closes: Bool) {
        guard case .reply(let number) = answer.role else { return }
        let isLast = reading.requests[number].isLast
        let mustEnd = [answersBeforeDrain, answersBeforeRetirement].contains { $0.map { index >= $0 } ?? false }
        if isLast || mustEnd, !closes { fail("the last answer does not say so") }
        let mayEnd = context.isDraining || stream.isRetired || filled > 0
        if closes, !isLast, !mayEnd { fail("an answer says to be the last one") }
    }

    /// 100 is sent where the client waits for it, once, before the first byte of the body.
    private func checkInterim(_ connection: Connection) {
        let number = reading.requests.count
        for place in answers.interims.dropFirst(seenInterims) {
            let isAwaited = place == number && reading.expectsContinue && stream.received == reading.bodyStart
            if !isAwaited || answers.interims.filter({ $0 == place }).count > 1 {
                fail("100 where nobody waits for it")
            }
        }
        seenInterims = answers.interims.count
        if connection.phase == .body, reading.expectsContinue, stream.received == reading.bodyStart,
            answers.interims.last != number
        {
            fail("the client waits for 100")
        }
    }

    /// There is always something that can happen next.
    private func checkInterest(_ connection: Connection, _ account: ScriptedHandler.Account) {
        let isPending = account.isPending && connection.phase != .closed
        let isSending =
            connection.phase == .answering || account.answers.contains { $0.role != .late && $0.endings.isEmpty }
        let wanted: Connection.Interest =
            if connection.phase == .closed {
                .nothing
            } else if isPending {
                .leaving
            } else if isSending {
                stream.isCrossed ? .reading : .writing
            } else {
                stream.isCrossed && connection.phase != .lingering ? .writing : .reading
            }
        let isWaiting = connection.phase == .head || connection.phase == .body
        if isWaiting, stream.hasBuffered, !connection.hasWork { fail("bytes are there that no event tells of") }
        if connection.interest != wanted { fail("it waits for \(connection.interest) instead of \(wanted)") }
        if stream.isClosed != (connection.phase == .closed) { fail("the stream is not closed with the connection") }
    }

    /// Memory is held for a request that is there in part, and for nothing else.
    private func checkMemory(_ connection: Connection, _ account: ScriptedHandler.Account) {
        let used = context.pool.used - filled
        let start = account.requests.last == nil ? 0 : reading.requests[account.requests.count - 1].end
        let head = (reading.isInBody ? reading.bodyStart : stream.received) - start
        let most =
            switch connection.phase {
            case .handshake, .lingering, .closed: 0
            // The block, and what was parsed of a head, and of a body.
            case .head: hasBeginning(account) ? 2 + head / Block.size : connection.hasWork ? 1 : 0
            case .body: 3 + head / Block.size
            case .pending: hasBeginning(account) ? 1 : 0
            case .answering: reading.isInBody ? 3 + head / Block.size : 1
            }
        if context.pool.used > context.pool.maximum { fail("more memory than there is") }
        if !(0...most).contains(used) { fail("\(used) blocks of memory in \(connection.phase)") }
        if !context.reading.isEmpty { fail("bytes are left for the next connection") }
    }

    /// Whether bytes were read that are not of the requests that the handler has.
    private func hasBeginning(_ account: ScriptedHandler.Account) -> Bool {
        let count = account.requests.count
        return stream.received > (count == 0 ? 0 : reading.requests[count - 1].end)
    }

    private func checkDeadline(_ connection: Connection, _ account: ScriptedHandler.Account) {
        deadlines.observe(
            DeadlineModel.View(
                phase: connection.phase, hasWork: connection.hasWork, hadWork: hadWork,
                requests: account.requests.count, hasBeginning: hasBeginning(account), taken: account.taken,
                answerStart: answers.position, discarded: stream.discarded, progress: stream.progress,
                isDraining: context.isDraining), context)
        if let fault = deadlines.fault(of: connection.due, context) { fail(fault) }
    }

    // MARK: After the close

    private func conclude() {
        tellClosed(connection)
        let account = handler.account
        if reading != StreamReading(Array(stream.incoming.prefix(readBytes))) {
            fail("the reading depends on the pieces")
        }
        if account.isPending { fail("a reply is still pending") }
        if account.answers.contains(where: { $0.endings.count != 1 }) { fail("an answer did not end once") }
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
            fail("the count of requests that took too long is wrong")
        }
        faults += stream.faults
        connection = nil
        if witness != nil { fail("the connection is not released") }
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

    /// What comes too late does nothing: a stream that is closed must not be touched.
    private func tellClosed(_ connection: Connection?) {
        guard let connection else { return }
        connection.socketIsReady()
        connection.work()
        connection.clientHasLeft()
        connection.drain()
        connection.expire()
        reply(connection, sequence: waiting.sequences.last ?? 0)
        connection.close()
        if handler.account.requests.count != seenRequests { fail("a request after the close") }
    }
}
