import SignetGateway
import SignetJOSE

/// Says what it was asked, so that a test sees what has come through.
///
/// `/wait/NAME` is pending until the test says so, `/never` for ever.
final class EchoHandler: RequestHandling {
    let gate = Gate()
    private let asked = Lock<[String]>([])

    /// The targets, in the order in which they were asked for.
    var targets: [String] { asked.withLock { $0 } }

    func reply(to request: GatewayRequest) -> GatewayReply {
        asked.withLock { $0.append(request.target) }
        if request.target.hasPrefix("/wait/") || request.target == "/never" {
            let target = request.target
            return .pending(
                PendingReply(
                    response: { [gate] in
                        await gate.wait(for: target)
                        return GatewayResponse(status: 200, body: Array("waited \(target)".utf8))
                    },
                    abandoned: { GatewayResponse(status: 503, body: Array("abandoned \(target)".utf8)) }))
        }
        let fields = request.headers.map { "\($0.name)=\($0.value);" }.joined()
        let text = "\(request.method) \(request.target) [\(fields)] \(request.body.count) bytes\n"
        return .ready(
            GatewayResponse(
                status: 200, headers: [("Content-Type", "text/plain"), ("X-Echo", "yes")],
                body: Array(text.utf8) + request.body.prefix(100)))
    }

    func refusal(_ problem: Problem) -> GatewayResponse {
        problem.response(requestID: "refused")
    }
}

/// A door that opens for one name, or for all.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var open: Set<String> = []
        var waiting: [(name: String, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Lock(State())

    var waiters: Int { state.withLock { $0.waiting.count } }

    func wait(for name: String) async {
        await withCheckedContinuation { continuation in
            let passes: Bool = state.withLock { state in
                if state.isOpen || state.open.contains(name) { return true }
                state.waiting.append((name, continuation))
                return false
            }
            if passes { continuation.resume() }
        }
    }

    func open(_ name: String) {
        let free: [CheckedContinuation<Void, Never>] = state.withLock { state in
            state.open.insert(name)
            defer { state.waiting.removeAll { $0.name == name } }
            return state.waiting.filter { $0.name == name }.map(\.continuation)
        }
        for continuation in free { continuation.resume() }
    }

    func openAll() {
        let free: [CheckedContinuation<Void, Never>] = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting.map(\.continuation)
        }
        for continuation in free { continuation.resume() }
    }

    deinit {
        openAll()
    }
}
