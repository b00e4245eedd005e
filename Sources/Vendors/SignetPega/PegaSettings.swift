import SignetIdentity
import SignetJOSE
import SignetSystem

/// One Pega web messaging connection: where it is, and what is sent there.
public struct PegaSettings: Sendable {
    /// A region whose host Pega's documents name.
    public enum Region: String, Sendable, CaseIterable {
        case ca, euw1, uk, use1
    }

    /// Where the messaging service is.
    public enum Location: Sendable {
        /// By region.
        case region(Region)
        /// By origin; one outside `*.pega.digital` has to be allowed.
        case origin(WebOrigin, allowForeign: Bool)
    }

    /// Who makes chat sessions.
    public enum Sessions: String, Sendable, CaseIterable {
        /// The backend does: "Control chat session initialization" is switched on. The recommended way.
        case create
        /// The page does and reports the id; a page could report somebody else's.
        case report
    }

    /// Scheme, host and port of the messaging service.
    public let origin: WebOrigin
    /// The region, unless an origin was given.
    public let region: Region?
    /// The connection's id at Pega.
    public let widgetID: String
    /// Who makes chat sessions.
    public let sessions: Sessions
    /// How long a JWT is good for, in seconds.
    public let tokenLifetime: Int64
    /// What `customerId` of a new session says.
    public let customerID: MappedValue
    /// The names and values of the private data, in their order.
    public let privateData: [(name: String, value: MappedValue)]

    /// Pega takes no JWT older than this, in seconds.
    public static let maximumTokenLifetime: Int64 = 300

    /// What is sent where nothing else is said: both names that Pega's documents use for the customer.
    public static let defaultPrivateData: [(name: String, value: MappedValue)] = [
        ("customerId", .from(.subject)), ("externalUserId", .from(.subject)),
    ]

    /// Makes settings.
    ///
    /// - Parameter tokenLifetime: In seconds, from one second to five minutes.
    /// - Throws: ``SignetError`` for an origin that is not allowed, a lifetime out of range, and names that are empty or
    ///   stand twice.
    public init(
        location: Location, widgetID: String, sessions: Sessions = .create,
        tokenLifetime: Int64 = maximumTokenLifetime, customerID: MappedValue = .from(.subject),
        privateData: [(name: String, value: MappedValue)] = defaultPrivateData
    ) throws(SignetError) {
        switch location {
        case .region(let region):
            guard let origin = WebOrigin("https://widget.\(region.rawValue).chat.pega.digital") else {
                throw SignetError(option: "region", message: "it makes no origin")
            }
            self.origin = origin
            self.region = region
        case .origin(let origin, let allowForeign):
            try Self.check(origin, allowForeign: allowForeign)
            self.origin = origin
            region = nil
        }
        guard StringForm.identifier.accepts(widgetID) else {
            throw SignetError(option: "widgetId", message: "a widgetId is \(StringForm.identifier.hint)")
        }
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
                option:
                    "origin", message: "\(origin.host) is not under pega.digital",
                hint: "private data and its JWT would go there; if that is meant: \"allowForeignOrigin\": true")
        }
        guard origin.scheme == "https" || (origin.isLoopback && allowForeign) else {
            throw SignetError(
                option:
                    "origin", message: "it is not https",
                hint: "only a loopback origin can be http, with \"allowForeignOrigin\": true")
        }
    }

    private static func check(_ names: [String]) throws(SignetError) {
        var seen = Set<[UInt8]>()
        for name in names {
            guard StringForm.text.accepts(name) else {
                throw SignetError(option: "privateData", message: "a name is \(StringForm.text.hint)")
            }
            guard seen.insert(Array(name.utf8)).inserted else {
                throw SignetError(option: "privateData", name, message: "this name stands twice")
            }
        }
    }

    /// What the page needs to load the widget.
    var widget: Widget {
        Widget([
            JSONMember("sessions", .string(sessions.rawValue)),
            JSONMember("widgetId", .string(widgetID)),
            JSONMember("region", region.map { .string($0.rawValue) } ?? .null),
            JSONMember("script", .string("\(origin.text)/\(widgetID)/widget.js")),
        ])
    }
}
