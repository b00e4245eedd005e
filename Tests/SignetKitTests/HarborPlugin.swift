// swift-format-ignore-file

import SignetKit

/// Harbor: a harbor pass, an HS256 JWT given to the page.
public enum HarborPlugin: VendorPlugin {
    public static let vendor = Vendor(
        name: "harbor", title: "Harbor", summary: "harbor pass: an HS256 JWT with sub and tier, given to the page",
        algorithm: .hs256, keyID: .optional, keyOrigin: "Harbor's console, API keys: as base64url",
        options: [
            OptionDeclaration(
                "siteId", .string(.identifier), .required, "The site's id, from the console.", example: "site-1"),
            OptionDeclaration("customer", .mappedValue, .defaults("subject"), "What sub says."),
            OptionDeclaration(
                "tier", .choice(["basic", "gold"]), .optional("the pass has no tier"), "The tier of every customer.",
                example: "gold"),
            OptionDeclaration(
                "tokenLifetime", .duration(60_000...3_600_000), .defaults("10m"), "How long a pass is valid."),
        ])

    public static func settings(from options: OptionValues) throws(SignetError) -> HarborSettings {
        try HarborSettings(
            siteID: options.text("siteId"), customer: options.mappedValue("customer") ?? .from(.subject),
            tier: options.string("tier"), tokenLifetime: (options.milliseconds("tokenLifetime") ?? 600_000) / 1000)
    }

    public static func connection(
        named name: String, settings: HarborSettings, keys: ConnectionKeys
    ) -> VendorConnection {
        VendorConnection(
            name: name, vendor: vendor.name, signer: HarborSigner(settings: settings), keys: keys,
            widget: Widget([JSONMember("siteId", .string(settings.siteID))]), values: [settings.customer])
    }
}

/// One Harbor site.
public struct HarborSettings: Sendable {
    let siteID: String
    let customer: MappedValue
    let tier: String?
    let tokenLifetime: Int64

    /// Makes settings; `tokenLifetime` is in seconds.
    public init(
        siteID: String, customer: MappedValue = .from(.subject), tier: String? = nil, tokenLifetime: Int64 = 600
    ) throws(SignetError) {
        if case .from(_, required: false) = customer {
            throw SignetError(option: "customer", message: "Harbor has no pass without sub, so it cannot be optional")
        }
        self.siteID = siteID
        self.customer = customer
        self.tier = tier
        self.tokenLifetime = tokenLifetime
    }
}

extension BadgeKind {
    /// The JWT that a Harbor page shows.
    public static let harborPass = BadgeKind(rawValue: "harborPass")
}

struct HarborSigner: IdentitySigner {
    let settings: HarborSettings

    func prepare(
        _ identity: Identity, in context: SigningContext, into payload: inout PayloadWriter
    ) throws(SignetError) -> UnsignedIdentity {
        guard case .customer(let customer) = identity else {
            throw SignetError(SigningFault.nothingToSign, "Harbor has no pass for an anonymous visitor")
        }
        let found = try settings.customer.value(for: customer, in: context, place: "Harbor customer")
        guard let subject = found else { throw SignetError(SigningFault.incomplete, "Harbor customer has no value") }
        let expiresAt = context.time.advanced(by: settings.tokenLifetime)
        payload.json { writer in
            writer.beginObject()
            writer.name("sub")
            writer.string(subject)
            if let tier = settings.tier {
                writer.name("tier")
                writer.string(tier)
            }
            writer.name("iat")
            writer.integer(context.time.seconds)
            writer.name("exp")
            writer.integer(expiresAt.seconds)
            writer.endObject()
        }
        return .browser(.harborPass, expiresAt: expiresAt)
    }

    func check(_ payload: JSONValue, in context: VerificationContext, into report: inout VerificationReport) {
        guard report.checkClaims(payload) else { return }
        report.require(
            payload["sub"]?.string?.isEmpty == false, "sub", "sub is a non-empty string",
            else: "sub is not a non-empty string")
        _ = report.checkIssuedAt(payload, at: context.time)
        report.checkExpiry(payload, at: context.time)
    }
}
