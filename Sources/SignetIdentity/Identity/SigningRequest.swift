import SignetJOSE
import SignetSystem

/// A backend's request: the identity and its circumstances. The body of the gateway's requests, and each line of a batch.
public struct SigningRequest: Sendable {
    /// The identity to sign.
    public var identity: Identity
    /// The values that `when` in the configuration reads. Never signed and never sent.
    public var context: [String: String]
    /// An anonymous visitor's stable id, for the percentage of a migration. Never signed and never sent.
    public var visitorID: String?
    /// A session id that the backend itself kept.
    public var sessionID: SessionID?
    /// The page's part of the request.
    public var page: Page?

    /// The page's part of a request. It can never carry an identity.
    public struct Page: Sendable, Equatable {
        /// Whether the page wants no session before the chat opens.
        public var isDeferred: Bool
        /// The vendor or connection of an ongoing conversation.
        public var ongoing: String?
        /// The session id that the vendor's script reported to the page.
        public var sessionID: SessionID?
    }

    /// Makes a request without a page's part.
    public init(
        _ identity: Identity, context: [String: String] = [:], visitorID: String? = nil, sessionID: SessionID? = nil
    ) {
        self.identity = identity
        self.context = context
        self.visitorID = visitorID
        self.sessionID = sessionID
    }

    /// Reads a request from strict JSON.
    ///
    /// - Throws: ``SignetError`` with the member's pointer.
    public init(json bytes: some Collection<UInt8>) throws(SignetError) {
        let node: JSONNode
        do {
            node = try JSONReader.read(bytes)
        } catch {
            throw SignetError("", .json, "not strict JSON: \(error.reason)", hint: error.hint)
        }
        try self.init(node)
    }

    /// Reads a request from a JSON value.
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
            // An empty subject is a fault of the backend: no identity is optional.
            let given = try body.text("subject") == nil ? nil : "subject"
            let optional = ["email", "name", "phone", "attributes"].first(where: body.has)
            if let name = given ?? optional {
                throw SignetError("/\(name)", .conflict, "an anonymous visitor has no \(name): \"anonymous\" is true")
            }
            return .anonymous
        }
        // A null subject is a fault of the backend. It must not turn a customer into an anonymous visitor.
        guard let subject = try body.text("subject", takesNull: false) else {
            throw SignetError(
                "/subject", .missing, "neither \"subject\" nor \"anonymous\": true is there",
                hint: "send the customer's \"subject\", or \"anonymous\": true for an anonymous visitor")
        }
        return .customer(
            try Customer(
                subject: subject, email: try body.text("email"), name: try body.text("name"),
                phone: try body.text("phone"), attributes: try body.texts("attributes").mapValues { $0 ?? "" }))
    }
}

extension SigningRequest: Redacted {
    /// Whether it is for a customer or an anonymous visitor, without any value.
    public var description: String {
        identity == .anonymous ? "a request for an anonymous visitor" : "a request for a customer"
    }
}
