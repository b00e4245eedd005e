import SignetGateway
import SignetJOSE
import SignetSystem

/// Answers with the request that it got.
///
/// The reply to `/wait/NAME` is pending until the test releases it. The reply to `/never` is pending without end.
final class EchoHandler: RequestHandling {
    let held = HeldReplies()
    private let asked = Lock<[GatewayRequest]>([])

    /// The requests, in order.
    var requests: [GatewayRequest] { asked.withLock { $0 } }
    var targets: [String] { requests.map(\.target) }
    var bodies: [[UInt8]] { requests.map(\.body) }

    func reply(to request: GatewayRequest) -> GatewayReply {
        asked.withLock { $0.append(request) }
        if request.target.hasPrefix("/wait/") || request.target == "/never" {
            let target = request.target
            return .pending(
                PendingReply(
                    response: { [held] in
                        await held.wait(for: target)
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

/// Holds replies until the test releases them, by name or all.
final class HeldReplies: Sendable {
    private struct State {
        var isReleased = false
        var released: Set<String> = []
        var held: [(name: String, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Lock(State())

    /// How many replies are held now.
    var count: Int { state.withLock { $0.held.count } }

    func wait(for name: String) async {
        await withCheckedContinuation { continuation in
            let isReleased: Bool = state.withLock { state in
                if state.isReleased || state.released.contains(name) { return true }
                state.held.append((name, continuation))
                return false
            }
            if isReleased { continuation.resume() }
        }
    }

    func release(_ name: String) {
        resume { state in
            state.released.insert(name)
            defer { state.held.removeAll { $0.name == name } }
            return state.held.filter { $0.name == name }
        }
    }

    func releaseAll() {
        resume { state in
            state.isReleased = true
            defer { state.held = [] }
            return state.held
        }
    }

    private func resume(
        _ take: (inout State) -> [(name: String, continuation: CheckedContinuation<Void, Never>)]
    ) {
        for reply in state.withLock({ take(&$0) }) { reply.continuation.resume() }
    }

    deinit {
        releaseAll()
    }
}
