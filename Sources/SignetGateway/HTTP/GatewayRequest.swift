/// One HTTP request, whichever server has read it.
public struct GatewayRequest: Sendable {
    /// The method, as it stands.
    public var method: String
    /// The request target as it stands in the request line: nothing decoded, nothing taken off.
    public var target: String
    /// The header fields, in their order, repeated ones too. Only those in ``fieldsOfInterest`` are looked at.
    public var headers: [(name: String, value: String)]
    /// The body. A server need not keep more than one byte over ``maximumBodyLength``.
    public var body: [UInt8]

    /// The longest body that is read, in bytes.
    public static let maximumBodyLength = 16 * 1024
    /// The longest body that is read and dropped, so that a client that does not listen while it sends gets its 413.
    public static let maximumDroppedLength = 1024 * 1024
    /// The header fields that the gateway looks at, in lower case; a server may leave out all others.
    public static let fieldsOfInterest = ["authorization", "content-type", "origin", "sec-fetch-site"]

    /// Makes a request.
    public init(method: String, target: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}

extension GatewayRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The method alone: everything else may hold what is nobody's business.
    public var description: String { "a \(method) request" }
    /// The method alone.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
