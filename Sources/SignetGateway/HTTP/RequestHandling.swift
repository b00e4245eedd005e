/// Something that answers requests and knows no socket: the gateway, its admin side, a stand-in for a vendor.
public protocol RequestHandling: Sendable {
    /// Answers a request, at once or later. Never blocks.
    func reply(to request: GatewayRequest) -> GatewayReply

    /// The answer to a request that the server itself refuses, because it is no proper HTTP.
    func refusal(_ problem: Problem) -> GatewayResponse
}

/// An answer, now or later.
public enum GatewayReply: Sendable {
    /// It is there.
    case ready(GatewayResponse)
    /// A vendor is called first.
    case pending(PendingReply)
}

/// An answer that has to wait for a vendor. Exactly one of the two is called, once.
public struct PendingReply: Sendable {
    /// Waits, and answers.
    public let response: @Sendable () async -> GatewayResponse
    /// The answer when there is no more time to wait: the server is going down.
    public let abandoned: @Sendable () -> GatewayResponse

    /// Makes a pending answer.
    public init(
        response: @escaping @Sendable () async -> GatewayResponse, abandoned: @escaping @Sendable () -> GatewayResponse
    ) {
        self.response = response
        self.abandoned = abandoned
    }
}

extension RequestHandling {
    /// Answers a request, however long a vendor takes: for servers that are asynchronous themselves.
    public func respond(to request: GatewayRequest) async -> GatewayResponse {
        switch reply(to: request) {
        case .ready(let response): response
        case .pending(let pending): await pending.response()
        }
    }
}
