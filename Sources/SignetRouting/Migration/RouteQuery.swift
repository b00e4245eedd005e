import SignetIdentity

/// What a route looks at in a request.
public struct RouteQuery: Sendable {
    /// Who it is about.
    public var identity: Identity
    /// What `when` reads.
    public var context: [String: String]
    /// A visitor's stable id.
    public var visitorID: String?
    /// The connection at which a conversation is going on, as the page says.
    public var ongoing: String?

    /// Makes a query.
    public init(
        _ identity: Identity = .anonymous, context: [String: String] = [:], visitorID: String? = nil,
        ongoing: String? = nil
    ) {
        self.identity = identity
        self.context = context
        self.visitorID = visitorID
        self.ongoing = ongoing
    }

    /// What a backend's request says.
    public init(_ request: SigningRequest) {
        self.init(
            request.identity, context: request.context, visitorID: request.visitorID, ongoing: request.page?.ongoing)
    }
}
