/// Answers requests and knows no socket: the gateway, its admin side, a sandbox vendor.
public protocol RequestHandling: Sendable {
    /// Answers a request, at once or later. Never blocks.
    func reply(to request: GatewayRequest) -> GatewayReply

    /// The answer to a request that the server itself refuses, because it is not proper HTTP.
    func refusal(_ problem: Problem) -> GatewayResponse
}

/// An answer, now or later.
public enum GatewayReply: Sendable {
    /// It is there.
    case ready(GatewayResponse)
    /// It has to wait for a vendor or for the audit.
    case pending(PendingReply)
}

/// An answer that has to wait. The server calls one of the two once; or `response` first, and `abandoned` while it waits.
public struct PendingReply: Sendable {
    /// Why a reply is not waited for any more.
    public enum Ending: Sendable {
        /// The request's time is over.
        case deadline
        /// The server is going down.
        case draining
        /// The client has closed its connection.
        case clientLeft
    }

    /// Waits, and answers.
    public let response: @Sendable () async -> GatewayResponse
    /// The answer when the waiting ends early.
    public let abandoned: @Sendable (Ending) -> GatewayResponse

    /// Makes a pending answer.
    public init(
        response: @escaping @Sendable () async -> GatewayResponse,
        abandoned: @escaping @Sendable (Ending) -> GatewayResponse
    ) {
        self.response = response
        self.abandoned = abandoned
    }
}

extension RequestHandling {
    /// Answers a request, however long a vendor takes: for asynchronous servers. The request is recorded as answered.
    public func respond(to request: GatewayRequest) async -> GatewayResponse {
        var response =
            switch reply(to: request) {
            case .ready(let response): response
            case .pending(let pending): await pending.response()
            }
        response.onEnd?(true)
        response.onEnd = nil
        return response
    }
}
