import SignetKit

/// A fourth vendor, as another company would write it: it imports only SignetKit.
///
/// Acme takes an HS256 JWT of `sub`, a `tier` and a list of claims, and its page asks for a "doorPass".
enum AcmePlugin: VendorPlugin {
    static let vendor = Vendor(
        name: "acme", title: "Acme", summary: "door pass: an HS256 JWT with sub and tier, given to the page",
        algorithm: .hs256, keyID: .optional, keyOrigin: "Acme's console, as base64url",
        options: [
            OptionDeclaration(
                "building", .string(.identifier), .required, "The building whose door opens.", example: "hq-1"),
            OptionDeclaration(
                "floor", .integer(0...99), .optional("the pass is for every floor"), "The floor.", example: 3),
            OptionDeclaration("tier", .choice(["gold", "blue"]), .defaults("blue"), "How the visitor is received."),
            OptionDeclaration("goodFor", .duration(1_000...3_600_000), .defaults("2m"), "How long a pass is valid."),
            OptionDeclaration("sample", .percentage, .defaults(100), "The share of passes that are counted."),
            OptionDeclaration("shared", .boolean, .defaults(false), "Whether the pass opens the garage too."),
            OptionDeclaration("who", .mappedValue, .defaults("subject"), "What sub says."),
            OptionDeclaration(
                "claims", .list(.object(claimMembers, rules: OptionType.mappedValueRules), minimum: 0),
                .optional("there are no other claims"), "Other claims, in their order.",
                example: [["claim": "mail", "from": "email", "required": false]]),
            OptionDeclaration(
                "badgeColour", .string(colour), .optional("the page chooses"), "A colour for the pass.",
                example: "#336699"),
        ],
        rules: [.requires("shared", "floor")])

    private static let claimMembers =
        [OptionDeclaration("claim", .string(.identifier), .required, "The claim's name.", example: "mail")]
        + OptionType.mappedValueMembers

    private static let colour = StringForm(
        noun: "a colour", pattern: "^#[0-9a-f]{6}$", hint: "six hexadecimal digits in lower case: #336699",
        matches: { $0.utf8.count == 7 && $0.wholeMatch(of: /#[0-9a-f]{6}/) != nil })

    struct Settings: Sendable {
        let building: String
        let floor: Int64?
        let tier: String
        let lifetime: Int64
        let countedThousandths: UInt64
        let who: MappedValue
        let claims: [(name: String, value: MappedValue)]
    }

    static func settings(from options: OptionValues) throws(SignetError) -> Settings {
        let claims = (options.objects("claims") ?? []).compactMap { claim -> (name: String, value: MappedValue)? in
            guard let name = claim["claim"]?.string, let value = MappedValue(claim) else { return nil }
            return (name, value)
        }
        for (index, claim) in claims.enumerated() where ["sub", "tier", "exp"].contains(claim.name) {
            throw SignetError(
                optionPath: ["claims", "\(index)", "claim"], message: "Acme has a claim of this name already")
        }
        return Settings(
            building: options.text("building"), floor: options.integer("floor"), tier: options.text("tier"),
            lifetime: (options.milliseconds("goodFor") ?? 0) / 1000,
            countedThousandths: options.percentage("sample")?.thousandths ?? 0,
            who: options.mappedValue("who") ?? .from(.subject), claims: claims)
    }

    static func connection(named name: String, settings: Settings, keys: ConnectionKeys) -> VendorConnection {
        var members = [JSONMember("building", .string(settings.building))]
        if let floor = settings.floor { members.append(JSONMember("floor", .number(JSONNumber(floor)))) }
        return VendorConnection(
            name: name, vendor: vendor.name, signer: AcmeSigner(settings: settings), keys: keys,
            widget: Widget(members, gaps: settings.floor == nil ? ["\"floor\" left out: every door opens"] : []),
            values: [settings.who] + settings.claims.map(\.value))
    }
}

extension BadgeKind {
    /// The JWT for an Acme page.
    static let doorPass = BadgeKind(rawValue: "doorPass")
}

/// Signs door passes.
struct AcmeSigner: IdentitySigner {
    let settings: AcmePlugin.Settings

    func prepare(
        _ identity: Identity, in context: SigningContext, into payload: inout PayloadWriter
    ) throws(SignetError) -> UnsignedIdentity {
        guard case .customer(let customer) = identity else {
            throw SignetError(SigningFault.nothingToSign, "Acme has no pass for an anonymous visitor")
        }
        guard let who = try settings.who.value(for: customer, in: context, place: "Acme who") else {
            throw SignetError(SigningFault.incomplete, "Acme who has no value", pointer: "/subject")
        }
        var claims: [(name: String, value: String)] = []
        for claim in settings.claims {
            let value = try claim.value.value(for: customer, in: context, place: "Acme claim \"\(claim.name)\"")
            if let value { claims.append((claim.name, value)) }
        }
        let expiresAt = context.time.advanced(by: settings.lifetime)
        payload.json { writer in
            writer.beginObject()
            writer.name("sub")
            writer.string(who)
            writer.name("tier")
            writer.string(settings.tier)
            for claim in claims {
                writer.name(claim.name)
                writer.string(claim.value)
            }
            writer.name("exp")
            writer.integer(expiresAt.seconds)
            writer.endObject()
        }
        return .browser(.doorPass, expiresAt: expiresAt)
    }

    func check(_ payload: JSONValue, in context: VerificationContext, into report: inout VerificationReport) {
        guard report.checkClaims(payload) else { return }
        report.require(payload["sub"]?.string?.isEmpty == false, "sub", "there is a sub", else: "there is no sub")
        report.require(
            payload["tier"]?.string == settings.tier, "tier", "the tier is the connection's",
            else: "the tier is not the connection's")
        report.checkNotBefore(payload, at: context.time)
        report.checkExpiry(payload, at: context.time)
    }
}
