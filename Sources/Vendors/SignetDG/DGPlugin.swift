import SignetIdentity
import SignetJOSE
import SignetSystem

/// DG (DigitalGenius): a widget's auth token, an HS256 JWT with `kid`, scope and external_id.
public enum DGPlugin: VendorPlugin {
    /// DG's name, kind of keys and options.
    public static let vendor = Vendor(
        name: "dg", title: "DG",
        summary: "widget auth token: an HS256 JWT with kid, scope and external_id, given to the page",
        algorithm: .hs256, keyID: .required,
        keyOrigin: "DG's dashboard: the API secret as utf8, and the API key as its \"kid\"",
        options: [
            OptionDeclaration(
                "widgetId", .string(.identifier), .optional("the badge carries no widgetId"),
                "The widget's id, for DG_CHAT_WIDGET_CONFIG.", example: "22df40c4-110f-4b6f-aa2b-aeaffd6d1179"),
            OptionDeclaration(
                "env", .choice(DGSettings.Environment.allCases.map(\.rawValue)), .optional("the badge carries no env"),
                "The environment of the account, for DG_CHAT_WIDGET_CONFIG.", example: "eu"),
            OptionDeclaration(
                "externalId", .mappedValue, .defaults("subject"),
                "The value of external_id: the company's own id of the customer.", example: "subject"),
            OptionDeclaration(
                "tokenLifetime", .duration(60_000...86_400_000), .defaults("15m"),
                "How long a token is valid. The page is told to fetch the next one after four fifths of it."),
        ],
        rotation: KeyRotation(
            maker: .vendor, place: "DG's dashboard: the API secret, and the API key as its \"kid\"",
            severalKeys: .unknown,
            overlap:
                "a token names its key by \"kid\", so DG probably accepts several; its documents do not say so"))

    /// Makes settings from a connection's options.
    public static func settings(from options: OptionValues) throws(SignetError) -> DGSettings {
        try DGSettings(
            externalID: options.mappedValue("externalId") ?? .from(.subject),
            tokenLifetime: try options.wholeSeconds("tokenLifetime") ?? 900,
            widgetID: options.string("widgetId"),
            environment: options.string("env").flatMap(DGSettings.Environment.init))
    }

    /// Makes the connection.
    public static func connection(named name: String, settings: DGSettings, keys: ConnectionKeys) -> VendorConnection {
        VendorConnection(
            name: name, vendor: vendor.name, signer: DGSigner(settings: settings), keys: keys, widget: settings.widget,
            values: [settings.externalID])
    }
}

/// The settings of one DG widget.
public struct DGSettings: Sendable {
    /// The environment of an account.
    public enum Environment: String, Sendable, CaseIterable {
        case eu
        case us
        case devUS = "dev.us"
    }

    /// The value of `external_id`.
    public let externalID: MappedValue
    /// The lifetime of a token, in seconds.
    public let tokenLifetime: Int64
    /// The widget's id.
    public let widgetID: String?
    /// The account's environment.
    public let environment: Environment?

    /// Makes settings.
    ///
    /// - Throws: ``SignetError`` for a lifetime under a minute or over a day, and for an `external_id` that is optional or the
    ///   same for every customer.
    public init(
        externalID: MappedValue = .from(.subject), tokenLifetime: Int64 = 900, widgetID: String? = nil,
        environment: Environment? = nil
    ) throws(SignetError) {
        switch externalID {
        case .from(_, required: false):
            throw SignetError(
                option: "externalId", message: "DG has no token without external_id, so it cannot be optional")
        case .literal, .from(.route, _), .from(.issuedAt, _), .from(.requestID, _):
            throw SignetError(
                option: "externalId", message: "this value does not identify the customer",
                hint: "DG finds a customer's conversations by it; the default is \"subject\"")
        default: break
        }
        guard (60...86_400).contains(tokenLifetime) else {
            throw SignetError(option: "tokenLifetime", message: "it is not between 1m and 1d")
        }
        if let widgetID { try StringForm.identifier.check(widgetID, "a widgetId", at: "widgetId") }
        self.externalID = externalID
        self.tokenLifetime = tokenLifetime
        self.widgetID = widgetID
        self.environment = environment
    }

    /// The number of seconds after which the page fetches the next token.
    var refreshInSeconds: Int64 { tokenLifetime * 4 / 5 }

    /// The members that the page needs to load the widget.
    var widget: Widget {
        var members: [JSONMember] = []
        if let widgetID { members.append(JSONMember("widgetId", .string(widgetID))) }
        if let environment { members.append(JSONMember("env", .string(environment.rawValue))) }
        members.append(JSONMember("script", "https://chat.digitalgenius.com/init.js"))
        let missing = [widgetID == nil ? "\"widgetId\"" : nil, environment == nil ? "\"env\"" : nil].compactMap { $0 }
        guard !missing.isEmpty else { return Widget(members) }
        return Widget(
            members, gaps: ["\(missing.joined(separator: " and ")) left out: the page has to know it by itself"])
    }
}
