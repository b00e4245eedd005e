/// One HTTP request, read by any server. It has only the header fields that the gateway uses.
public struct GatewayRequest: Sendable {
    /// The method, as it stands.
    public var method: String
    /// The request target in origin form, as it stands in the request line: nothing decoded, nothing taken off.
    public var target: String
    /// The validated Host, with its port if it has one; empty where the field is empty, nil where there is none.
    public var host: String?
    /// The `Authorization` field.
    public var authorization: String?
    /// The `Content-Type` field.
    public var contentType: String?
    /// The `Content-Encoding` field; several fields are one list.
    public var contentEncoding: String?
    /// The `Origin` field.
    public var origin: String?
    /// The `Sec-Fetch-Site` field.
    public var fetchSite: String?
    /// The body. A server need not keep more than one byte over ``maximumBodyLength``.
    public var body: [UInt8]

    /// The longest body that is read, in bytes.
    public static let maximumBodyLength = 16 * 1024
    /// The longest body that is read and dropped, so that a client that sends first and listens later gets its 413.
    public static let maximumDroppedLength = 1024 * 1024

    /// Makes a request from the fields that the gateway uses.
    public init(
        method: String, target: String, host: String? = nil, authorization: String? = nil, contentType: String? = nil,
        contentEncoding: String? = nil, origin: String? = nil, fetchSite: String? = nil, body: [UInt8] = []
    ) {
        self.method = method
        self.target = target
        self.host = host
        self.authorization = authorization
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.origin = origin
        self.fetchSite = fetchSite
        self.body = body
    }

    /// Makes a request from all header fields, with names in any case. A repeated field becomes a list (RFC 9110 §5.3), and is
    /// refused where the gateway needs one value.
    public init(method: String, target: String, headers: [(name: String, value: String)], body: [UInt8] = []) {
        func field(_ name: String) -> String? {
            let values = headers.filter { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name }
            return values.isEmpty ? nil : values.map(\.value).joined(separator: ", ")
        }
        self.init(
            method: method, target: target, host: field("host"), authorization: field("authorization"),
            contentType: field("content-type"), contentEncoding: field("content-encoding"), origin: field("origin"),
            fetchSite: field("sec-fetch-site"), body: body)
    }
}

extension GatewayRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The method only: everything else may be confidential.
    public var description: String { "a \(method) request" }
    /// The method only.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
