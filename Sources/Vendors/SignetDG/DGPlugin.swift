import SignetIdentity
import SignetJOSE
import SignetSystem

/// DG (DigitalGenius): a widget's auth token, an HS256 JWT with `kid`, scope and external_id.
public enum DGPlugin: VendorPlugin {
    /// What DG is and which options a connection has.
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
                "What external_id says: by what the company knows the customer.", example: "subject"),
            OptionDeclaration(
                "tokenLifetime", .duration(60_000...86_400_000), .defaults("15m"),
                "How long a token is good for. The page is told to fetch the next one after four fifths of it."),
        ],
        rotation: KeyRotation(
            maker: .vendor, place: "DG's dashboard: the API secret, and the API key as its \"kid\"",
            severalKeys: .unknown,
            overlap:
                "a token names its key by \"kid\", so DG likely takes several at once, and its documents do not say"))

    /// Makes settings of a connection's options.
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
            name: name, vendor: vendor.name, signer: DGSigner(connection: name, settings: settings, keys: keys),
            widget: settings.widget, values: [settings.externalID])
    }
}
