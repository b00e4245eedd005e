import SignetGateway
import SignetJOSE
import SignetSystem

@testable import SignetServer

/// A handler that answers as the target says, and records its answers.
///
/// The reply to a target that begins with `/w` is pending. The next letter chooses the answer: `m` has a body of 20 KB, `b` one
/// of 600 KB, `n` is a 204, `u` a 304, `f` has fields that only the server may set.
final class ScriptedHandler: RequestHandling {
    struct Answer {
        enum Role: Equatable {
            /// The answer to the request with this number, from 0.
            case reply(Int)
            case refusal
            /// Its request was not pending any more.
            case late
        }

        let role: Role
        let label: String
        let status: Int
        let body: [UInt8]
        var endings: [Ending] = []

        var isRefusal: Bool { role == .refusal }
    }

    /// A call of `onEnd`.
    struct Ending {
        let isWhole: Bool
        /// How many bytes the client had taken then.
        let taken: Int
    }

    struct Account {
        var requests: [GatewayRequest] = []
        var answers: [Answer] = []
        /// The abandoned requests and the reasons.
        var abandoned: [(request: Int, reason: PendingReply.Ending)] = []
        var taken = 0

        /// Whether the last request has no answer yet.
        var isPending: Bool {
            guard let last = requests.last, last.target.hasPrefix("/w") else { return false }
            let number = requests.count - 1
            return abandoned.last?.request != number && !answers.contains { $0.role == .reply(number) }
        }
    }

    private let state = Lock(Account())

    var account: Account { state.withLock { $0 } }

    func reply(to request: GatewayRequest) -> GatewayReply {
        let number = state.withLock { account in
            account.requests.append(request)
            return account.requests.count - 1
        }
        guard request.target.hasPrefix("/w") else { return .ready(answer(.reply(number), to: request.target)) }
        return .pending(
            PendingReply(response: { [self] in answer(.late, to: request.target) }) { [self] reason in
                state.withLock { $0.abandoned.append((number, reason)) }
                let role: Answer.Role = reason == .clientLeft ? .late : .reply(number)
                return register(role, status: reason == .deadline ? 504 : 503, body: Array("abandoned".utf8))
            })
    }

    func refusal(_ problem: Problem) -> GatewayResponse {
        register(.refusal, status: problem.status, body: Array(problem.code.utf8))
    }

    /// The answer that the target of a request chooses.
    func answer(_ role: Answer.Role, to target: String) -> GatewayResponse {
        var response = GatewayResponse(status: 200)
        var body = Array("answer to \(target)".utf8)
        switch target.dropFirst(target.hasPrefix("/w") ? 2 : 1).utf8.first {
        case UInt8(ascii: "m"): body += Self.medium
        case UInt8(ascii: "b"): body += Self.big
        case UInt8(ascii: "n"): response.status = 204
        case UInt8(ascii: "u"): response.status = 304
        case UInt8(ascii: "f"): response.headers = Self.refusedFields
        default: break
        }
        return register(role, status: response.status, headers: response.headers, body: body)
    }

    func took(_ count: Int) {
        state.withLock { $0.taken += count }
    }

    private func register(
        _ role: Answer.Role, status: Int, headers: [(name: String, value: String)] = [], body: [UInt8]
    ) -> GatewayResponse {
        let (index, label) = state.withLock { account in
            let label = "\(account.answers.count)"
            account.answers.append(Answer(role: role, label: label, status: status, body: body))
            return (account.answers.count - 1, label)
        }
        // One answer in eight has no request id, so that the server adds one.
        let id = index % 8 == 7 ? [] : [(name: "x-request-ID", value: "of the handler")]
        var response = GatewayResponse(status: status, headers: headers + [("X-Answer", label)] + id, body: body)
        response.onEnd = { [state] isWhole in
            state.withLock { $0.answers[index].endings.append(Ending(isWhole: isWhole, taken: $0.taken)) }
        }
        return response
    }

    private static let medium = [UInt8](repeating: UInt8(ascii: "m"), count: 20_000)
    private static let big = [UInt8](repeating: UInt8(ascii: "b"), count: 600_000)
    /// Fields that only the server may set, and invalid fields.
    private static let refusedFields = [
        (name: "Content-Length", value: "1"), ("Connection", "keep-alive"), ("Transfer-Encoding", "chunked"),
        ("Date", "today"), ("X-Two", "a\r\nX-Smuggled: b"), ("X Blank", "a"), ("", "a"),
    ]
}
