import SignetJOSE

/// One HTTP response. The server adds the header fields of the connection and the length.
public struct GatewayResponse: Sendable {
    /// The status code.
    public var status: Int
    /// The header fields, in their order.
    public var headers: [(name: String, value: String)]
    /// The body. The answer to HEAD leaves it out.
    public var body: [UInt8]
    /// Called once by the server, at the end: with true when the whole answer was handed to the kernel, with false when the client had
    /// left or did not take it. The request is logged and counted then. ``RequestHandling/respond(to:)`` has called it already.
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
    /// The status only.
    public var description: String { "a response with status \(status)" }
    /// The status only.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension GatewayResponse {
    /// An answer for one caller, at this moment.
    static func json(_ value: JSONValue, status: Int = 200) -> GatewayResponse {
        GatewayResponse(
            status: status,
            headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
            body: JSONWriter.visibleBytes(of: value))
    }

    /// A public document, kept for five minutes: a new key is known everywhere after that time.
    static func published(_ body: [UInt8], _ type: String) -> GatewayResponse {
        GatewayResponse(
            status: 200, headers: [("Content-Type", type), ("Cache-Control", "public, max-age=300")], body: body)
    }
}
