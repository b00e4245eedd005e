import SignetIdentity
import SignetJOSE
import SignetSystem

/// Pega Digital Messaging: private data, an HS256 session JWT and two calls of the backend.
public enum PegaPlugin: VendorPlugin {
    /// Pega's name, kind of keys and options.
    public static let vendor = Vendor(
        name: "pega", title: "Pega",
        summary: "private data: an HS256 session JWT for two calls of the backend; the page gets the session id alone",
        algorithm: .hs256, keyID: .none,
        keyOrigin: "the connection's Security tab, Show JWT Secret: the characters as they are, as utf8",
        options: [
            OptionDeclaration(
                "region", .choice(PegaSettings.Region.allCases.map(\.rawValue)),
                .optional("\"origin\" is used"),
                "The region of the account: the part after \"widget.\" in its host.", example: "use1"),
            OptionDeclaration(
                "origin", .string(.origin), .optional("\"region\" is used"),
                "Scheme, host and port of the messaging service, for a region that \"region\" does not list.",
                example: "https://widget.euw1.chat.pega.digital"),
            OptionDeclaration(
                "allowForeignOrigin", .boolean, .defaults(false),
                "Allows an \"origin\" outside *.pega.digital, and http to a loopback one: for tests."),
            OptionDeclaration(
                "widgetId", .string(.identifier), .required,
                "The web messaging connection's id, from its widget.js URL.",
                example: "4d88d63c-b3d9-49ee-8f77-adeb5d4fc223"),
            OptionDeclaration(
                "tokenLifetime", .duration(1_000...300_000), .defaults("5m"),
                "How long a JWT is valid, in whole seconds. Pega refuses a JWT that is older than five minutes."),
            OptionDeclaration(
                "sessions", .choice(PegaSettings.Sessions.allCases.map(\.rawValue)), .defaults("create"),
                "\"create\": the backend creates the session (\"Control chat session initialization\" is on). \"report\": the page reports its id."
            ),
            OptionDeclaration(
                "create",
                .object(
                    [
                        OptionDeclaration(
                            "customerId", .mappedValue, .defaults("subject"), "The customerId of the new session.")
                    ], rules: []),
                .defaults(["customerId": "subject"]), "What is sent when a session is created.",
                example: ["customerId": "subject"]),
            OptionDeclaration(
                "privateData", .map(names: .text, values: .mappedValue),
                .defaults(["customerId": "subject", "externalUserId": "subject"]),
                "The names and values that Pega gets as pyCustomerPrivateData.",
                example: ["externalUserId": "subject", "authenticated": ["value": "true"]]),
        ],
        rules: [.exactlyOne(["region", "origin"]), .requires("allowForeignOrigin", "origin")],
        rotation: KeyRotation(
            maker: .vendor, place: "the connection's Security tab, Show JWT Secret", severalKeys: .refused,
            overlap:
                "Pega shows one secret per connection, and its documents name no second one"))

    /// Makes settings from a connection's options.
    public static func settings(from options: OptionValues) throws(SignetError) -> PegaSettings {
        let location: PegaSettings.Location
        if let region = options.string("region").flatMap(PegaSettings.Region.init) {
            location = .region(region)
        } else if let origin = options.string("origin").flatMap(WebOrigin.init) {
            location = .origin(origin, allowForeign: options.boolean("allowForeignOrigin"))
        } else {
            throw SignetError(optionPath: [], message: "it needs \"region\" or \"origin\"")
        }
        let sessions = PegaSettings.Sessions(rawValue: options.text("sessions")) ?? .create
        if sessions == .report && options.has("create") {
            throw SignetError(
                option: "create", message: "nothing is created: \"sessions\" is \"report\"", hint: "remove it")
        }
        return try PegaSettings(
            location: location,
            widgetID: options.text("widgetId"),
            sessions: sessions,
            tokenLifetime: try options.wholeSeconds("tokenLifetime") ?? PegaSettings.maximumTokenLifetime,
            customerID: options.mappedValues("create")?.first { $0.name == "customerId" }?.value ?? .from(.subject),
            privateData: options.mappedValues("privateData") ?? PegaSettings.defaultPrivateData)
    }

    /// Makes the connection.
    public static func connection(named name: String, settings: PegaSettings, keys: ConnectionKeys) -> VendorConnection
    {
        VendorConnection(
            name: name, vendor: vendor.name, signer: PegaSigner(settings: settings), keys: keys, includesKeyID: false,
            widget: settings.widget,
            values: (settings.sessions == .create ? [settings.customerID] : []) + settings.privateData.map(\.value))
    }

    /// The badge of a session, which the page may get after the private data has arrived. Without a session, its value is null.
    public static func badge(session: SessionID?, settings: PegaSettings) -> Badge {
        Badge(session: session, kind: .sessionID, on: settings.widget)
    }
}

extension BadgeKind {
    /// The id of a session that the backend created and for which it delivered the private data.
    public static let sessionID = BadgeKind(rawValue: "sessionId")
}
