import SignetIdentity
import SignetJOSE
import SignetSystem

/// The settings of one Pega web messaging connection.
public struct PegaSettings: Sendable {
    /// A region from Pega's documents.
    public enum Region: String, Sendable, CaseIterable {
        case ca, euw1, uk, use1
    }

    /// The location of the messaging service.
    public enum Location: Sendable {
        /// The host of a region.
        case region(Region)
        /// Any origin. One outside `*.pega.digital` has to be allowed.
        case origin(WebOrigin, allowForeign: Bool)
    }

    /// The side that creates chat sessions.
    public enum Sessions: String, Sendable, CaseIterable {
        /// The backend: "Control chat session initialization" is switched on. Recommended.
        case create
        /// The page, which reports the id. A page could report another customer's session.
        case report
    }

    /// Scheme, host and port of the messaging service.
    public let origin: WebOrigin
    /// The region; nil if an origin was given.
    public let region: Region?
    /// The connection's id at Pega.
    public let widgetID: String
    /// The side that creates chat sessions.
    public let sessions: Sessions
    /// The lifetime of a JWT, in seconds.
    public let tokenLifetime: Int64
    /// The `customerId` of a new session.
    public let customerID: MappedValue
    /// The names and values of the private data, in their order.
    public let privateData: [(name: String, value: MappedValue)]

    /// The maximum age of a JWT at Pega, in seconds.
    public static let maximumTokenLifetime: Int64 = 300

    /// The private data without configuration: both names for the customer in Pega's documents.
    public static let defaultPrivateData: [(name: String, value: MappedValue)] = [
        ("customerId", .from(.subject)), ("externalUserId", .from(.subject)),
    ]

    /// Makes settings.
    ///
    /// - Parameter tokenLifetime: In seconds, from one second to five minutes.
    /// - Throws: ``SignetError`` for an origin that is not allowed, a lifetime out of range, and names that are empty or
    ///   occur twice.
    public init(
        location: Location, widgetID: String, sessions: Sessions = .create,
        tokenLifetime: Int64 = maximumTokenLifetime, customerID: MappedValue = .from(.subject),
        privateData: [(name: String, value: MappedValue)] = defaultPrivateData
    ) throws(SignetError) {
        switch location {
        case .region(let region):
            guard let origin = WebOrigin("https://widget.\(region.rawValue).chat.pega.digital") else {
                throw SignetError(option: "region", message: "it is not a valid part of a host name")
            }
            self.origin = origin
            self.region = region
        case .origin(let origin, let allowForeign):
            try Self.check(origin, allowForeign: allowForeign)
            self.origin = origin
            region = nil
        }
        try StringForm.identifier.check(widgetID, "a widgetId", at: "widgetId")
        guard (1...Self.maximumTokenLifetime).contains(tokenLifetime) else {
            throw SignetError(option: "tokenLifetime", message: "it is not between 1s and 5m")
        }
        try Self.check(privateData.map(\.name))
        self.widgetID = widgetID
        self.sessions = sessions
        self.tokenLifetime = tokenLifetime
        self.customerID = customerID
        self.privateData = privateData
    }

    private static func check(_ origin: WebOrigin, allowForeign: Bool) throws(SignetError) {
        let isPegas = origin.isUnder("pega.digital")
        guard isPegas || allowForeign else {
            throw SignetError(
                option: "origin", message: "\(origin.host) is not under pega.digital",
                hint: "private data and its JWT would go there; if that is meant: \"allowForeignOrigin\": true")
        }
        guard origin.scheme == "https" || (origin.isLoopback && allowForeign) else {
            throw SignetError(
                option: "origin", message: "it is not https",
                hint: "only a loopback origin can be http, with \"allowForeignOrigin\": true")
        }
    }

    private static func check(_ names: [String]) throws(SignetError) {
        var seen = Set<[UInt8]>()
        for name in names {
            try StringForm.text.check(name, "a name", at: "privateData")
            guard seen.insert(Array(name.utf8)).inserted else {
                throw SignetError(option: "privateData", name, message: "this name occurs twice")
            }
        }
    }

    /// The members that the page needs to load the widget.
    var widget: Widget {
        Widget([
            JSONMember("sessions", .string(sessions.rawValue)),
            JSONMember("widgetId", .string(widgetID)),
            JSONMember("region", region.map { .string($0.rawValue) } ?? .null),
            JSONMember("script", .string("\(origin.text)/\(widgetID)/widget.js")),
        ])
    }
}
