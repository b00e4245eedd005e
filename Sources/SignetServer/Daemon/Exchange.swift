import CMicroHTTPD
import SignetGateway
import SignetIdentity
import Synchronization

/// One request and its answer. Only the daemon's thread touches it.
final class Exchange {
    private enum Step {
        case line, body, waiting(PendingAnswer), answered
    }

    private let socket: Connection
    private let context: DaemonContext
    private let began: MonotonicTime
    private var step = Step.line
    private var request: GatewayRequest
    private var received = 0
    private var isLast = false

    init(target: String, on socket: Connection, in context: DaemonContext) {
        self.socket = socket
        self.context = context
        request = GatewayRequest(method: "", target: target)
        context.requests.count()
        if socket.isFresh.exchange(false, ordering: .relaxed) {
            context.newcomers.count(-1)
            began = socket.accepted
        } else {
            began = .now
            socket.allow(context.limits.header, from: began)
        }
    }

    /// When there is no more time.
    private var ceiling: MonotonicTime { began.advanced(byMilliseconds: context.limits.request) }

    /// Whether the header has not been looked at yet.
    var isNew: Bool {
        if case .line = step { true } else { false }
    }

    /// The header is there.
    func begin(_ line: RequestLine, on connection: OpaquePointer) -> MHD_Result {
        step = .body
        socket.allow(context.limits.body, from: .now, ceiling: ceiling)
        let head = RequestHead(line, target: request.target, on: connection)
        if let fault = head.fault { return refuse(fault.problem, on: connection) }
        if head.declaredLength > GatewayRequest.maximumDroppedLength { return refuse(.bodyTooLarge, on: connection) }
        isLast = line.isOld
        request.method = line.methodText
        request.headers = head.fields
        if head.declaredLength > 0 {
            request.body.reserveCapacity(min(head.declaredLength, GatewayRequest.maximumBodyLength + 1))
        }
        return .YES
    }

    /// A piece of the body is there.
    func take(_ piece: UnsafeRawBufferPointer, on connection: OpaquePointer) -> MHD_Result {
        received += piece.count
        // Only a chunked body comes to this: no answer gets through to who is still sending, so there is none.
        guard received <= GatewayRequest.maximumDroppedLength else {
            context.counters.refused.count()
            return .NO
        }
        let room = GatewayRequest.maximumBodyLength + 1 - request.body.count
        if room > 0 { request.body.append(contentsOf: piece.prefix(room)) }
        return .YES
    }

    /// The request is there as a whole, or goes on after its suspension.
    func finish(on connection: OpaquePointer) -> MHD_Result {
        switch step {
        case .line, .answered: return .YES
        case .waiting(let answer):
            guard let response = answer.take() else { return .YES }
            // What is left of the request's own time for the answer to go out; a moment where that is none.
            let left = max(context.limits.farewell, MonotonicTime.now.milliseconds(until: ceiling))
            return send(response, on: connection, within: left, from: .now)
        case .body: break
        }
        if let fault = RequestHead.trailerFault(on: connection) { return refuse(fault.problem, on: connection) }
        switch context.handler.reply(to: request) {
        case .ready(let response): return send(response, on: connection, within: context.limits.request, from: began)
        case .pending(let reply): return wait(for: reply, on: connection)
        }
    }

    /// The answer went out, or the connection ended.
    func end() {
        if case .waiting(let answer) = step { _ = answer.take() }
        socket.allow(context.limits.idle, from: .now, idle: true)
        context.requests.count(-1)
    }

    private func wait(for reply: PendingReply, on connection: OpaquePointer) -> MHD_Result {
        request.body = []
        guard context.pending.reserve() else {
            context.counters.abandoned.count()
            return send(reply.abandoned(), on: connection, within: context.limits.body, from: .now)
        }
        let answer = PendingAnswer(reply, connection: connection, deadline: ceiling, in: context.pending)
        step = .waiting(answer)
        socket.allowForever()
        MHD_suspend_connection(connection)
        if context.pending.insert(answer) {
            answer.start()
        } else if answer.abandon() {
            context.counters.abandoned.count()
        }
        return .YES
    }

    private func refuse(_ problem: Problem, on connection: OpaquePointer) -> MHD_Result {
        context.counters.refused.count()
        isLast = true
        return send(context.handler.refusal(problem), on: connection, within: context.limits.body, from: .now)
    }

    private func send(
        _ response: GatewayResponse, on connection: OpaquePointer, within milliseconds: Int64, from start: MonotonicTime
    ) -> MHD_Result {
        step = .answered
        socket.allow(milliseconds, from: start)
        let isClosing = isLast || context.isClosing.load(ordering: .relaxed)
        return response.queue(on: connection, closing: isClosing)
    }
}
