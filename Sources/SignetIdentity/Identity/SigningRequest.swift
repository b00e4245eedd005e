import SignetJOSE
import SignetSystem

/// What a backend asks for: who the customer is, and the circumstances. The body of the gateway's requests and each line
/// of a batch.
public struct SigningRequest: Sendable {
    /// Who is signed for.
    public var identity: Identity
    /// What `when` in the configuration reads. Never signed and never sent.
    public var context: [String: String]
    /// A stranger's stable id, for the percentage of a migration. Never signed and never sent.
    public var visitorID: String?
    /// A session id that the backend itself kept.
    public var sessionID: SessionID?
    /// What the page sent along.
    public var page: Page?

    /// What a page may say: never who the customer is.
    public struct Page: Sendable, Equatable {
        /// Whether nothing is to be created before the chat opens.
        public var isDeferred: Bool
        /// The vendor or connection of a conversation that is going on.
        public var ongoing: String?
        /// The session id that the vendor's script reported to the page.
        public var sessionID: SessionID?
    }

    /// A request for an identity and nothing more.
    public init(
        _ identity: Identity, context: [String: String] = [:], visitorID: String? = nil, sessionID: SessionID? = nil
    ) {
        self.identity = identity
        self.context = context
        self.visitorID = visitorID
        self.sessionID = sessionID
    }

    /// Reads a request from strict JSON.
    public init(json bytes: some Collection<UInt8>) throws(SignetError) {
        let node: JSONNode
        do {
            node = try JSONReader.read(bytes)
        } catch {
            throw SignetError("", .json, "not strict JSON: \(error.reason)", hint: error.hint)
        }
        try self.init(node)
    }

    /// Reads a request.
    public init(_ node: JSONNode) throws(SignetError) {
        let names = [
            "subject", "email", "name", "phone", "attributes", "anonymous", "context", "visitorId", "sessionId",
        ]
        let body = try RequestObject(node, at: "", allowing: names + ["page"])
        identity = try Self.identity(body)
        context = try body.texts("context").compactMapValues(\.self)
        visitorID = try body.text("visitorId").flatMap { $0.isEmpty ? nil : $0 }
        sessionID = try body.sessionID("sessionId")
        page = try body.object(orText: "page", allowing: ["defer", "ongoing", "sessionId"]).map {
            page throws(SignetError) in
            Page(
                isDeferred: try page.boolean("defer") ?? false,
                ongoing: try page.text("ongoing").flatMap { $0.isEmpty ? nil : $0 },
                sessionID: try page.sessionID("sessionId"))
        }
    }

    private static func identity(_ body: RequestObject) throws(SignetError) -> Identity {
        let isAnonymous = try body.boolean("anonymous") ?? false
        if isAnonymous {
            for name in ["subject", "email", "name", "phone", "attributes"] where body.has(name) {
                throw SignetError("/\(name)", .conflict, "a stranger has no \(name): \"anonymous\" is true")
            }
            return .anonymous
        }
        // Somebody whose id is null is a fault of the backend, and not a stranger.
        guard let subject = try body.text("subject", takesNull: false) else {
            throw SignetError(
                "/subject", .missing, "neither \"subject\" nor \"anonymous\": true is there",
                hint: "a customer has a subject, a stranger is anonymous")
        }
        return .customer(
            try Customer(
                subject: subject, email: try body.text("email"), name: try body.text("name"),
                phone: try body.text("phone"), attributes: try body.texts("attributes").mapValues { $0 ?? "" }))
    }
}

extension SigningRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Whether it is for a customer or a stranger, and nothing of what it says.
    public var description: String { identity == .anonymous ? "a request for a stranger" : "a request for a customer" }
    /// Whether it is for a customer or a stranger, and nothing of what it says.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
