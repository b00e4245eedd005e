import SignetGateway
import SignetJOSE
import SignetSystem

/// Says what it was asked, so that a test sees what has come through.
///
/// `/wait/NAME` is pending until the test says so, `/never` for ever.
final class EchoHandler: RequestHandling {
    let gate = Gate()
    private let asked = Lock<[GatewayRequest]>([])

    /// The requests, in the order in which they came.
    var requests: [GatewayRequest] { asked.withLock { $0 } }
    var targets: [String] { requests.map(\.target) }
    var bodies: [[UInt8]] { requests.map(\.body) }

    func reply(to request: GatewayRequest) -> GatewayReply {
        asked.withLock { $0.append(request) }
        if request.target.hasPrefix("/wait/") || request.target == "/never" {
            let target = request.target
            return .pending(
                PendingReply(
                    response: { [gate] in
                        await gate.wait(for: target)
                        return GatewayResponse(status: 200, body: Array("waited \(target)".utf8))
                    },
                    abandoned: { ending in
                        GatewayResponse(
                            status: ending == .deadline ? 504 : 503, body: Array("abandoned \(target)".utf8))
                    }))
        }
        let fields = [
            ("authorization", request.authorization), ("content-type", request.contentType),
            ("content-encoding", request.contentEncoding), ("origin", request.origin),
            ("sec-fetch-site", request.fetchSite),
        ].map { name, value in value.map { "\(name)=\($0);" } ?? "" }.joined()
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
