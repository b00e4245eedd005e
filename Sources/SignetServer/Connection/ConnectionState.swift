import SignetGateway
import SignetIdentity
import SignetSystem

/// One client's connection, as a state machine: it is told of events, and says what it waits for.
///
/// One request at a time is in the handler. While it is pending, nothing is read; while an answer is not sent, nothing is parsed.
struct ConnectionState {
    enum Phase {
        case handshake, head, body, pending, answering, lingering, closed
    }

    /// What the socket is to tell.
    enum Interest {
        case nothing, reading, writing
        /// That the client sends no more.
        case leaving
    }

    enum Deadline {
        case handshake, firstByte, head, body, request, answer, idle, lingering, drain
    }

    /// An answer on its way out.
    private struct Output {
        var bytes: [UInt8]
        var body: [UInt8]
        var sent: Int
        /// From how many bytes on the client has shown that it reads, and gets more time.
        var milestone: Int
        /// The response, or nil for an interim one.
        let response: GatewayResponse?

        var count: Int { bytes.count + body.count }
    }

    let id: ConnectionID
    let stream: any ByteStream
    private let context: ConnectionContext
    private(set) var phase: Phase
    private var parser = HeadParser()
    private var body: BodyReader?
    /// How much memory of the pool is counted for a request that is not whole, beside the block.
    private var reserved = 0
    private var block: Block?
    private var output: Output?
    private var pending: (reply: PendingReply, task: Task<Void, Never>?)?
    private var sequence: UInt32 = 0
    /// Whether the connection ends with the next answer.
    private var isLast = false
    private var isFresh = true
    private var hasMore = false
    /// When the first byte of the request came, and for how long the worker had been late by itself until then.
    private var began: (time: MonotonicTime, stalled: UInt64)
    private var lingerEnd: MonotonicTime
    private var discarded = 0
    private var deadlineKind: Deadline
    private var deadline: MonotonicTime
    private var stalledBefore: UInt64

    private static let requestsPerTurn = 16
    private static let bytesPerTurn = 65_536
    private static let handshakeStepsPerTurn = 4
    /// What a handshake gets that went on at its deadline, in milliseconds.
    private static let overtime: Int64 = 1_000
    private static let answerWindow = 262_144
    private static let discardLimit = 1_048_576
    private static let drainGrace: Int64 = 100
    /// A fatal alert: handshake_failure is what a client of TLS shows to people (RFC 8446 §6).
    private static let alert: [UInt8] = [0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x28]

    init(_ id: ConnectionID, over stream: any ByteStream, in context: ConnectionContext) {
        self.id = id
        self.stream = stream
        self.context = context
        phase = stream.needsHandshake ? .handshake : .head
        began = (context.now, context.stalled)
        lingerEnd = context.now
        stalledBefore = context.stalled
        deadlineKind = stream.needsHandshake ? .handshake : .firstByte
        deadline = context.now.advanced(
            byMilliseconds: stream.needsHandshake ? context.limits.handshake : context.limits.firstByte)
    }

    // MARK: What it waits for

    /// What a worker has to know after each event.
    struct Standing {
        let phase: Phase
        let interest: Interest
        let hasWork: Bool
        let due: MonotonicTime
    }

    // Mutating, so that the state is looked at where it is and not copied.
    mutating func standing() -> Standing {
        Standing(phase: phase, interest: interest, hasWork: hasWork, due: due)
    }

    var interest: Interest {
        switch phase {
        case .handshake, .head, .body: stream.isCrossed ? .writing : .reading
        case .pending: .leaving
        case .answering: stream.isCrossed ? .reading : .writing
        case .lingering: .reading
        case .closed: .nothing
        }
    }

    /// Whether it can go on without an event of its socket.
    var hasWork: Bool { (phase == .head || phase == .body) && (hasMore || stream.hasBuffered) }

    /// Until when the present step has to be done. What this worker was late by itself is the client's to keep.
    var due: MonotonicTime {
        guard deadlineKind != .request else { return deadline }
        return MonotonicTime(nanoseconds: deadline.nanoseconds &+ (context.stalled &- stalledBefore))
    }

    private mutating func set(_ kind: Deadline, _ milliseconds: Int64, from start: MonotonicTime? = nil) {
        deadlineKind = kind
        deadline = (start ?? context.now).advanced(byMilliseconds: milliseconds)
        stalledBefore = context.stalled
    }

    // MARK: Events

    /// The socket can be read from, or written to where that was waited for.
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

    /// The client sends no more; told only while a reply is pending.
    mutating func clientHasLeft() {
        if phase == .pending { close() }
    }

    /// Goes on with what it has read already.
    mutating func work() {
        if hasMore { advance() } else if hasWork { receive() }
    }

    /// The answer to the request with this number. It comes too late where the request is not waiting any more.
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
        switch deadlineKind {
        case .idle, .lingering, .drain: close()
        case .firstByte:
            context.counters.count(.firstByte)
            close()
        case .handshake:
            // What the client has sent may have waited for its turn here.
            let progress = stream.progress
            shakeHands(isOverdue: true)
            guard phase == .handshake else { return }
            if stream.progress != progress { return set(.handshake, Self.overtime) }
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

    /// No request begins any more: what is idle ends, and what has begun gets its answer.
    mutating func drain() {
        guard phase == .head || phase == .handshake else { return }
        // The request may be there already, with no event yet that told of it.
        if phase == .head, !hasMore { receive() }
        guard phase == .head || phase == .handshake else { return }
        if phase == .head, !isFresh, parser.isFresh, block == nil { return close() }
        set(.drain, Self.drainGrace)
    }

    /// There is no more time: what is pending is answered as abandoned, and what is not whole ends.
    mutating func expire() {
        switch phase {
        case .pending: abandon(.draining)
        case .handshake, .head, .body: close()
        case .answering, .lingering, .closed: break
        }
    }

    // MARK: Reading

    private mutating func shakeHands(isOverdue: Bool = false) {
        // What costs most is shared out: the other connections come between.
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
        // However this ends, no connection holds on to what the others read into.
        defer { keepBlock() }
        let isBeginning = phase == .head && parser.isFresh && block.isEmpty
        switch stream.receive(into: block) {
        case .bytes:
            if isBeginning { began = (context.now, context.stalled) }
            if isFresh, isBeginning, block.first == 0x16, !stream.needsHandshake {
                context.counters.count(.wrongProtocol)
                _ = stream.send(Self.alert.span, more: false)
                return linger()
            }
            advance()
        case .blocked: break
        case .end, .failed: close()
        }
    }

    /// Answers the requests that are there, as far as one turn goes.
    private mutating func advance() {
        hasMore = false
        var requests = 0
        var answered = 0
        while phase == .head || phase == .body {
            guard requests < Self.requestsPerTurn, answered < Self.bytesPerTurn else {
                hasMore = true
                // What this worker has not done yet is not the client's time.
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

    /// Sets the deadline for what has to come next, and keeps no memory for what has not.
    private mutating func awaitMore() {
        if block?.isEmpty ?? false { forgetBlock() }
        guard phase != .head && phase != .body || reserve() else { return }
        switch phase {
        case .head where context.isDraining: if deadlineKind != .drain { set(.drain, Self.drainGrace) }
        case .head where parser.isFresh && block == nil: if !isFresh { set(.idle, context.limits.idle) }
        case .head:
            set(.head, context.limits.header, from: began.time)
            stalledBefore = began.stalled
        default: break
        }
    }

    /// Reads on in a request, and says whether it is whole.
    private mutating func readRequest() throws(FramingFault) -> Bool {
        guard let block, phase == .body || !block.isEmpty else { return false }
        if phase == .head {
            try block.consume { bytes throws(FramingFault) in try parser.read(bytes) }
            guard parser.isComplete else { return false }
            beginBody(block)
            guard phase == .body else { return false }
        }
        guard body != nil else { return false }
        try block.consume { bytes throws(FramingFault) in try body?.read(bytes) ?? 0 }
        return body?.isComplete == true
    }

    private mutating func beginBody(_ block: Block) {
        let reader = BodyReader(parser.head)
        body = reader
        phase = .body
        guard !reader.isComplete else { return }
        awaitBody()
        guard parser.head.expectsContinue, block.isEmpty, reserve() else { return }
        start(
            Output(bytes: Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), body: [], sent: 0, milestone: 0, response: nil))
    }

    /// Counts the memory of what was read of a request that is not whole; refuses the request where there is none.
    private mutating func reserve() -> Bool {
        let wanted = (parser.isFresh ? 0 : 1 + parser.size / Block.size) + (phase == .body ? 1 : 0)
        while reserved < wanted {
            guard context.pool.reserve() else {
                refuse(.overloaded, .memory)
                return false
            }
            reserved += 1
        }
        return true
    }

    /// Sets the deadline for the body, within the request's own time.
    private mutating func awaitBody() {
        let left = context.now.milliseconds(until: began.time.advanced(byMilliseconds: context.limits.request))
        set(.body, min(context.limits.body, left))
    }

    // MARK: Answering

    /// Has the handler answer the request, and says how many bytes that were.
    private mutating func dispatch() -> Int {
        isLast = parser.head.isLast
        parser.head.request.body = body?.kept ?? []
        forgetBody()
        let reply = context.handler.reply(to: parser.head.request)
        parser.head.request.body = []
        switch reply {
        case .ready(let response): return send(response)
        case .pending(let reply):
            sequence &+= 1
            phase = .pending
            pending = (reply, context.wait(reply, id, sequence))
            set(.request, context.limits.request, from: began.time)
            return 0
        }
    }

    private mutating func forgetBody() {
        body = nil
        while reserved > 0 {
            reserved -= 1
            context.pool.release()
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
        forgetBody()
        send(context.handler.refusal(problem))
    }

    @discardableResult
    private mutating func send(_ response: GatewayResponse) -> Int {
        if context.isDraining || stream.isRetired { isLast = true }
        let hasBody = ResponseHead.hasBody(response.status) && parser.head.request.method != "HEAD"
        let body = hasBody ? response.body : []
        var bytes = context.scratch
        context.scratch = []
        bytes.removeAll(keepingCapacity: true)
        ResponseHead.append(response, in: context, isLast: isLast, to: &bytes)
        let count = bytes.count + body.count
        // In the common case everything goes out at once, and nothing is kept. What is left is copied: the memory is a large one.
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
            start(Output(bytes: left, body: isSmall ? [] : body, sent: 0, milestone: 0, response: response))
        }
        return count
    }

    private mutating func start(_ output: Output) {
        phase = .answering
        self.output = output
        set(.answer, context.limits.answer)
        flush()
    }

    /// Sends what can be sent of the answer.
    private mutating func flush() {
        guard var output else { return }
        while output.sent < output.count {
            let isHead = output.sent < output.bytes.count
            let result =
                isHead
                ? stream.send(
                    output.bytes.span.extracting(droppingFirst: output.sent), more: !output.body.isEmpty)
                : stream.send(
                    output.body.span.extracting(droppingFirst: output.sent - output.bytes.count), more: false)
            switch result {
            case .bytes(let count): output.sent += count
            case .blocked:
                if output.sent >= output.milestone + Self.answerWindow {
                    output.milestone = output.sent
                    set(.answer, context.limits.answer)
                }
                self.output = output
                return
            case .end, .failed: return close()
            }
        }
        self.output = nil
        if let response = output.response {
            finish(response)
        } else {
            phase = .body
            awaitBody()
        }
    }

    /// The kernel has the whole answer.
    private mutating func finish(_ response: GatewayResponse) {
        response.onEnd?(true)
        guard !isLast else { return linger() }
        isFresh = false
        phase = .head
        parser = HeadParser()
        began = (context.now, context.stalled)
    }

    // MARK: The end

    /// Waits for the client to close, so that no byte of its own, still on the way, makes the kernel throw the answer away.
    private mutating func linger() {
        stream.finishSending()
        phase = .lingering
        forgetBlock()
        lingerEnd = context.now.advanced(byMilliseconds: context.limits.linger * 2)
        set(.lingering, context.limits.linger)
    }

    private mutating func discard() {
        defer { context.reading.wipe() }
        switch stream.discard(into: context.reading) {
        case .bytes(let count):
            discarded += count
            if discarded > Self.discardLimit { return close() }
            let left = context.now.milliseconds(until: lingerEnd)
            set(.lingering, min(context.limits.linger, left))
        case .blocked: break
        case .end, .failed: close()
        }
    }

    /// Ends the connection at once. A reply that is pending is told that nobody waits for it.
    mutating func close(reset: Bool = false) {
        guard phase != .closed else { return }
        phase = .closed
        abandon(.clientLeft)
        output?.response?.onEnd?(false)
        output = nil
        forgetBody()
        forgetBlock()
        stream.close(reset: reset)
    }

    /// Makes the common block this connection's own where bytes are left in it, as far as memory goes.
    private mutating func keepBlock() {
        guard let block, block === context.reading else { return }
        if !block.isEmpty, let next = context.pool.take() {
            context.reading = next
            return
        }
        let isFull = !block.isEmpty
        forgetBlock()
        guard isFull else { return }
        // What came behind a request that is being answered is not looked at any more.
        isLast = true
        hasMore = false
        if phase == .head || phase == .body { refuse(.overloaded, .memory) }
    }

    private mutating func forgetBlock() {
        guard let block else { return }
        self.block = nil
        if block === context.reading { block.wipe() } else { context.pool.giveBack(block) }
    }
}
