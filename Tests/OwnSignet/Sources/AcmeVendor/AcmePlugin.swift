import SignetKit

/// Acme, a vendor that does not exist: its chat pass is an HS256 JWT for one workspace.
public enum AcmePlugin: VendorPlugin {
    /// Acme's name, kind of keys and options.
    public static let vendor = Vendor(
        name: "acme", title: "Acme", summary: "chat pass: an HS256 JWT for one workspace, given to the page",
        algorithm: .hs256, keyID: .none, keyOrigin: "Acme's console, Workspace secret: as utf8",
        options: [
            OptionDeclaration(
                "workspace", .string(.identifier), .required, "The workspace that a pass is for.", example: "acme-eu"),
            OptionDeclaration(
                "member", .mappedValue, .defaults("subject"), "What sub says: by what the company knows the customer."),
            OptionDeclaration(
                "lounge", .choice(["public", "members"]), .defaults("members"), "The lounge that a pass opens."),
            OptionDeclaration(
                "passLifetime", .duration(60_000...3_600_000), .defaults("10m"), "How long a pass is valid."),
        ])

    /// Makes settings from a connection's options.
    public static func settings(from options: OptionValues) throws(SignetError) -> AcmeSettings {
        let member = options.mappedValue("member") ?? .from(.subject)
        if case .from(_, required: false) = member {
            throw SignetError(option: "member", message: "a pass is for one customer, so it cannot be optional")
        }
        return AcmeSettings(
            workspace: options.text("workspace"), member: member, lounge: options.text("lounge"),
            passLifetime: (options.milliseconds("passLifetime") ?? 600_000) / 1000)
    }

    /// Makes the connection.
    public static func connection(named name: String, settings: AcmeSettings, keys: ConnectionKeys) -> VendorConnection
    {
        VendorConnection(
            name: name, vendor: vendor.name, signer: AcmeSigner(settings: settings), keys: keys,
            widget: Widget([JSONMember("workspace", .string(settings.workspace))]), values: [settings.member])
    }
}

/// One Acme workspace.
public struct AcmeSettings: Sendable {
    let workspace: String
    let member: MappedValue
    let lounge: String
    /// In seconds.
    let passLifetime: Int64

    /// Makes settings; lifetimes are in seconds.
    public init(
        workspace: String, member: MappedValue = .from(.subject), lounge: String = "members", passLifetime: Int64 = 600
    ) {
        self.workspace = workspace
        self.member = member
        self.lounge = lounge
        self.passLifetime = passLifetime
    }
}

extension BadgeKind {
    /// The JWT for an Acme chat.
    public static let chatPass = BadgeKind(rawValue: "chatPass")
}
