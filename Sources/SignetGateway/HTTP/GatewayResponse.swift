/// One HTTP response. The server adds what is about the connection and the length, and nothing else.
public struct GatewayResponse: Sendable {
    /// The status code.
    public var status: Int
    /// The header fields, in their order.
    public var headers: [(name: String, value: String)]
    /// The body, to be left out in the answer to HEAD.
    public var body: [UInt8]
    /// Called once by the server, at the end: with true when the whole answer was handed to the kernel, with false when the client was
    /// gone or did not take it. The request is logged and counted then. ``RequestHandling/respond(to:)`` has called it already.
    public var onEnd: (@Sendable (Bool) -> Void)?

    /// Makes a response.
    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The value of the first header field of a name.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

extension GatewayResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The status alone.
    public var description: String { "a response with status \(status)" }
    /// The status alone.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
