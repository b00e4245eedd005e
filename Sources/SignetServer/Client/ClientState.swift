import SignetGateway
import SignetIdentity
import SignetSystem

/// The state machine of one client: it takes events, and says which event it waits for.
///
/// One request at a time is in the handler. Nothing is read while a reply is pending, and nothing is parsed while an answer is
/// unsent.
struct ClientState {
    enum Phase {
        case handshake, head, body, pending, answering, lingering, closed
    }

    /// The event of the socket that the client waits for.
    enum Interest {
        case nothing, reading, writing
        /// The client sends no more.
        case leaving
    }

    let id: ClientID
    let stream: any ByteStream
    private let context: WorkerContext
    private(set) var phase: Phase
    private var deadline: ClientDeadline
    private var reader = RequestReader()
    private var block: Block?
    private var answer: UnsentAnswer?
    private var pending: (reply: PendingReply, task: Task<Void, Never>?)?
    private var sequence: UInt32 = 0
    /// Whether the socket is closed after the next answer.
    private var isLast = false
    /// Whether no request was answered yet.
    private var isFirst = true
    /// Whether the turn ended before all requests in the block were read.
    private var hasMore = false
    /// When the first byte of the request came.
    private var began: ClockReading
    private var lingerEnd: MonotonicTime
    private var discarded = 0

    private static let requestsPerTurn = 16
    private static let bytesPerTurn = 65_536
    private static let handshakeStepsPerTurn = 4
    /// The extra milliseconds for a handshake that advances at its deadline.
    private static let handshakeExtension: Int64 = 1_000
    private static let discardLimit = 1_048_576
    private static let drainGrace: Int64 = 100
    /// A fatal alert. TLS clients show handshake_failure to their users (RFC 8446 §6).
    private static let alert: [UInt8] = [0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x28]
    private static let interim = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    init(_ id: ClientID, over stream: any ByteStream, in context: WorkerContext) {
        self.id = id
        self.stream = stream
        self.context = context
        phase = stream.needsHandshake ? .handshake : .head
        began = context.clock
        lingerEnd = context.now
        deadline =
            stream.needsHandshake
            ? ClientDeadline(.handshake, context.limits.handshake, from: context.clock)
            : ClientDeadline(.firstByte, context.limits.firstByte, from: context.clock)
    }

    // MARK: What it waits for

    /// What the worker needs to know after each event.
    struct Summary {
        let phase: Phase
        let interest: Interest
        let hasWork: Bool
        let due: MonotonicTime
    }

    // Mutating, so that the state is read in place and not copied.
    mutating func summary() -> Summary {
        Summary(phase: phase, interest: interest, hasWork: hasWork, due: due)
    }

    var interest: Interest {
        switch phase {
        case .handshake, .head, .body: stream.waitsForOpposite ? .writing : .reading
        case .pending: .leaving
        case .answering: stream.waitsForOpposite ? .reading : .writing
        case .lingering: .reading
        case .closed: .nothing
        }
    }

    /// Whether it can continue without an event of its socket.
    var hasWork: Bool { (phase == .head || phase == .body) && (hasMore || stream.hasBuffered) }

    /// The deadline of the current step.
    var due: MonotonicTime { deadline.time(stalled: context.stalled) }

    private mutating func set(_ kind: ClientDeadline.Kind, _ milliseconds: Int64) {
        deadline = ClientDeadline(kind, milliseconds, from: context.clock)
    }

    // MARK: Events

    /// The socket is readable, or writable if it waits for that.
    mutating func socketIsReady() {
        switch phase {
        case .handshake: shakeHands()
        case .head, .body: if hasMore { advance() } else { receive() }
        case .answering:
            flush()
            advance()
        case .lingering: discard()
        case .pending, .closed: break
        }
    }

    /// The client sends no more. The event comes only while a reply is pending.
    mutating func clientHasLeft() {
        if phase == .pending { close() }
    }

    /// Continues with bytes that were read before.
    mutating func work() {
        if hasMore { advance() } else if hasWork { receive() }
    }

    /// Sends the answer to the request with this number. It is too late if that request is not pending any more.
    mutating func deliver(_ response: GatewayResponse, sequence: UInt32) {
        guard phase == .pending, sequence == self.sequence else {
            response.onEnd?(false)
            return
        }
        pending = nil
        send(response)
        advance()
    }

    /// The deadline has passed.
    mutating func deadlinePassed() {
        switch deadline.kind {
        case .idle, .lingering, .drain: close()
        case .firstByte:
            context.counters.count(.firstByte)
            close()
        case .handshake:
            // The client's bytes may have waited for their turn here.
            let progress = stream.progress
            shakeHands(isOverdue: true)
            guard phase == .handshake else { return }
            if stream.progress != progress { return set(.handshake, Self.handshakeExtension) }
            context.counters.count(.handshake)
            close(reset: true)
        case .head: refuse(.requestTimeout("header", milliseconds: context.limits.header), .head)
        case .body: refuse(.requestTimeout("body", milliseconds: context.limits.body), .body)
        case .request:
            context.counters.count(.request)
            abandon(.deadline)
            advance()
        case .answer:
            context.counters.count(.answer)
            close(reset: true)
        }
    }

    /// No new request may begin. An idle client is closed; a request that has begun gets its answer.
    mutating func drain() {
        guard phase == .head || phase == .handshake else { return }
        // The request may have arrived already, and its event not yet.
        if phase == .head, !hasMore { receive() }
        guard phase == .head || phase == .handshake else { return }
        if phase == .head, !isFirst, reader.isFresh, block == nil { return close() }
        set(.drain, Self.drainGrace)
    }

    /// The drain's time is over: a pending request is answered as abandoned, and an incomplete one is closed.
    mutating func expire() {
        switch phase {
        case .pending: abandon(.draining)
        case .handshake, .head, .body: close()
        case .answering, .lingering, .closed: break
        }
    }

    // MARK: Reading

    private mutating func shakeHands(isOverdue: Bool = false) {
        // A handshake step is expensive: other clients come between the steps.
        guard isOverdue || context.handshakeSteps < Self.handshakeStepsPerTurn else { return }
        let progress = stream.progress
        let result = stream.shakeHands()
        if stream.progress != progress { context.handshakeSteps += 1 }
        switch result {
        case .blocked: break
        case .done:
            phase = .head
            if !context.isDraining { set(.firstByte, context.limits.firstByte) }
            if stream.hasBuffered { receive() }
        case .wrongProtocol: refuse(.plainText, .wrongProtocol)
        case .left: close()
        case .failed:
            context.counters.count(.handshake)
            close()
        }
    }

    private mutating func receive() {
        let block = block ?? context.reading
        self.block = block
        // In every case the shared block is free again for the other clients.
        defer { keepBlock() }
        let isBeginning = phase == .head && reader.isFresh && block.isEmpty
        switch stream.receive(into: block) {
        case .bytes:
            if isBeginning { began = context.clock }
            if isFirst, isBeginning, block.first == 0x16, !stream.needsHandshake {
                context.counters.count(.wrongProtocol)
                _ = stream.send(Self.alert.span, more: false)
                return linger()
            }
            advance()
        case .blocked: break
        case .end, .failed: close()
        }
    }

    /// Answers the requests in the block, up to the limits of one turn.
    private mutating func advance() {
        hasMore = false
        var requests = 0
        var answered = 0
        while phase == .head || phase == .body {
            guard requests < Self.requestsPerTurn, answered < Self.bytesPerTurn else {
                hasMore = true
                // The client's time does not run while it waits for this worker.
                return set(.idle, context.limits.idle)
            }
            do throws(FramingFault) {
                guard try readRequest() else { break }
                requests += 1
                answered += dispatch()
            } catch {
                refuse(error.problem, .framing)
            }
        }
        awaitMore()
    }

    /// Reads the current request further, and says whether it is complete.
    private mutating func readRequest() throws(FramingFault) -> Bool {
        guard let block, phase == .body || !block.isEmpty else { return false }
        if phase == .head {
            guard try reader.readHead(from: block) else { return false }
            phase = .body
            if reader.isInBody {
                awaitBody()
                if reader.expectsContinue, block.isEmpty, reserve() { start(UnsentAnswer(head: Self.interim)) }
            }
            guard phase == .body else { return false }
        }
        return try reader.readBody(from: block)
    }

    /// Sets the deadline for the bytes that have to come next, and frees an empty block.
    private mutating func awaitMore() {
        if block?.isEmpty ?? false { releaseBlock() }
        guard phase != .head && phase != .body || reserve() else { return }
        switch phase {
        case .head where context.isDraining: if deadline.kind != .drain { set(.drain, Self.drainGrace) }
        case .head where reader.isFresh && block == nil: if !isFirst { set(.idle, context.limits.idle) }
        case .head: deadline = ClientDeadline(.head, context.limits.header, from: began)
        default: break
        }
    }

    /// Sets the deadline for the body. It is not later than that of the whole request.
    private mutating func awaitBody() {
        let left = context.now.milliseconds(until: began.time.advanced(byMilliseconds: context.limits.request))
        set(.body, min(context.limits.body, left))
    }

    // MARK: Memory

    /// Reserves memory for an incomplete request, and refuses the request if there is none.
    private mutating func reserve() -> Bool {
        if reader.reserve(from: context.pool) { return true }
        refuse(.overloaded, .memory)
        return false
    }

    /// Takes the shared block if it has unread bytes and the pool has another block to replace it.
    private mutating func keepBlock() {
        guard let block, block === context.reading else { return }
        if !block.isEmpty, let next = context.pool.take() {
            context.reading = next
            return
        }
        let hasUnread = !block.isEmpty
        releaseBlock()
        guard hasUnread else { return }
        // The bytes after the request that is being answered are lost.
        isLast = true
        hasMore = false
        if phase == .head || phase == .body { refuse(.overloaded, .memory) }
    }

    private mutating func releaseBlock() {
        guard let block else { return }
        self.block = nil
        if block === context.reading { block.wipe() } else { context.pool.giveBack(block) }
    }

    // MARK: Answering

    /// Asks the handler for the answer, and returns how many bytes the answer has.
    private mutating func dispatch() -> Int {
        isLast = reader.isLast
        switch reader.reply(by: context.handler, releasingTo: context.pool) {
        case .ready(let response): return send(response)
        case .pending(let reply):
            sequence &+= 1
            phase = .pending
            pending = (reply, context.wait(reply, id, sequence))
            deadline = ClientDeadline(.request, context.limits.request, from: began)
            return 0
        }
    }

    private mutating func abandon(_ reason: PendingReply.Ending) {
        guard let pending else { return }
        self.pending = nil
        let response = pending.reply.abandoned(reason)
        pending.task?.cancel()
        if reason == .clientLeft { response.onEnd?(false) } else { send(response) }
    }

    private mutating func refuse(_ problem: Problem, _ reason: Refusal) {
        context.counters.count(reason)
        isLast = true
        reader.release(to: context.pool)
        send(context.handler.refusal(problem))
    }

    @discardableResult
    private mutating func send(_ response: GatewayResponse) -> Int {
        if context.isDraining || stream.hasOldCertificate { isLast = true }
        let hasBody = ResponseHead.hasBody(response.status) && !reader.isHeadRequest
        let body = hasBody ? response.body : []
        var bytes = context.scratch
        context.scratch = []
        bytes.removeAll(keepingCapacity: true)
        ResponseHead.append(response, in: context, isLast: isLast, to: &bytes)
        let count = bytes.count + body.count
        // Usually the stream takes everything at once, and nothing is kept. The scratch memory is large, so only the rest is
        // copied.
        let isSmall = body.count <= Block.size
        if isSmall { bytes.append(copying: body.span) }
        let result = isSmall ? stream.send(bytes.span, more: false) : .blocked
        if result == .bytes(count) {
            context.scratch = bytes
            finish(response)
        } else {
            let sent = if case .bytes(let sent) = result { sent } else { 0 }
            let left = Array(bytes[sent...])
            context.scratch = bytes
            start(UnsentAnswer(head: left, body: isSmall ? [] : body, response: response))
        }
        return count
    }

    private mutating func start(_ answer: UnsentAnswer) {
        phase = .answering
        self.answer = answer
        set(.answer, context.limits.answer)
        flush()
    }

    /// Sends as much of the answer as the stream takes.
    private mutating func flush() {
        switch answer?.send(over: stream) {
        case nil: break
        case .blocked(let isSlow): if !isSlow { set(.answer, context.limits.answer) }
        case .failed: close()
        case .complete:
            let response = answer?.response
            answer = nil
            if let response {
                finish(response)
            } else {
                phase = .body
                awaitBody()
            }
        }
    }

    /// The kernel has taken the whole answer.
    private mutating func finish(_ response: GatewayResponse) {
        response.onEnd?(true)
        guard !isLast else { return linger() }
        isFirst = false
        phase = .head
        reader.startOver()
        began = context.clock
    }

    // MARK: Closing

    /// Waits for the client to close (RFC 9112 §9.6): a close with unread bytes would reset the socket, and the client might lose
    /// the answer.
    private mutating func linger() {
        stream.finishSending()
        phase = .lingering
        releaseBlock()
        lingerEnd = context.now.advanced(byMilliseconds: context.limits.linger * 2)
        set(.lingering, context.limits.linger)
    }

    private mutating func discard() {
        defer { context.reading.wipe() }
        switch stream.discard(into: context.reading) {
        case .bytes(let count):
            discarded += count
            if discarded > Self.discardLimit { return close() }
            set(.lingering, min(context.limits.linger, context.now.milliseconds(until: lingerEnd)))
        case .blocked: break
        case .end, .failed: close()
        }
    }

    /// Closes the socket now. A pending reply is told that the client has left.
    mutating func close(reset: Bool = false) {
        guard phase != .closed else { return }
        phase = .closed
        abandon(.clientLeft)
        answer?.response?.onEnd?(false)
        answer = nil
        reader.release(to: context.pool)
        releaseBlock()
        stream.close(reset: reset)
    }
}
