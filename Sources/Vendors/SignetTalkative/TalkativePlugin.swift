import SignetIdentity
import SignetJOSE
import SignetSystem

/// Talkative: signed interaction data, an ES256 compact JWS over an array of label, data and type.
public enum TalkativePlugin: VendorPlugin {
    /// Talkative's name, kind of keys and options.
    public static let vendor = Vendor(
        name: "talkative", title: "Talkative",
        summary: "signed interaction data: an ES256 JWS over [{label, data, type}], given to the page",
        algorithm: .es256, keyID: .optional,
        keyOrigin: "signet keys generate NAME; its public PEM goes to the admin portal's Signing Keys page",
        options: [
            OptionDeclaration(
                "region", .choice(TalkativeSettings.Region.allCases.map(\.rawValue)),
                .optional("the badge carries neither region nor script"),
                "The region of the account: the first part of engage.app's host.", example: "eu"),
            OptionDeclaration(
                "widgetId", .string(.identifier), .optional("the badge carries neither widgetId nor script"),
                "The widget's configUuid, from the loader's URL.", example: "22df40c4-110f-4b6f-aa2b-aeaffd6d1179"),
            OptionDeclaration(
                "api", .choice(TalkativeSettings.PageAPI.allCases.map(\.rawValue)), .defaults("standby"),
                "Which API the page uses: \"standby\" is the current one, \"engage\" the older startChat."),
            OptionDeclaration(
                "fields", .list(.object(fieldMembers, rules: OptionType.mappedValueRules), minimum: 1),
                .optional("\"Customer ID\" from subject; \"Name\", \"Email\" and \"Phone\" where they are known"),
                "The entries of the signed array, in their order. Labels match the portal's, letter by letter.",
                example: [["label": "Customer ID", "from": "subject"]]),
            OptionDeclaration(
                "includeKeyId", .boolean, .defaults(false),
                "Whether the header has the key's \"kid\". Talkative's documents do not ask for it."),
            OptionDeclaration(
                "typ", .string(.text), .optional("the header is {\"alg\":\"ES256\"}"),
                "A \"typ\" for the header. Talkative's documents do not ask for one.", example: "JWT"),
        ],
        rotation: KeyRotation(
            maker: .signet, place: "the admin portal's Signing Keys page", severalKeys: .unknown,
            overlap: "whether that page takes one key or several at once is not documented"))

    private static let fieldMembers =
        [
            OptionDeclaration(
                "label", .string(.text), .required, "The field's name in the portal, letter by letter.",
                example: "Customer ID")
        ] + OptionType.mappedValueMembers

    /// Makes settings from a connection's options.
    public static func settings(from options: OptionValues) throws(SignetError) -> TalkativeSettings {
        let fields = options.objects("fields")?.compactMap { field -> TalkativeSettings.Field? in
            guard let label = field["label"]?.string, let value = MappedValue(field) else { return nil }
            return TalkativeSettings.Field(label, value)
        }
        return try TalkativeSettings(
            fields: fields ?? TalkativeSettings.defaultFields,
            widgetID: options.string("widgetId"),
            region: options.string("region").flatMap(TalkativeSettings.Region.init),
            api: TalkativeSettings.PageAPI(rawValue: options.text("api")) ?? .standby,
            includesKeyID: options.boolean("includeKeyId"),
            type: options.string("typ"))
    }

    /// Makes the connection.
    public static func connection(
        named name: String, settings: TalkativeSettings, keys: ConnectionKeys
    ) -> VendorConnection {
        VendorConnection(
            name: name, vendor: vendor.name, signer: TalkativeSigner(settings: settings), keys: keys,
            type: settings.type, includesKeyID: settings.includesKeyID, widget: settings.widget,
            values: settings.fields.map(\.value))
    }
}
