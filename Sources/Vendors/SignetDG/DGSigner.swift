import SignetIdentity
import SignetJOSE
import SignetSystem

/// Prepares auth tokens for one DG widget.
struct DGSigner: IdentitySigner {
    private let settings: DGSettings
    private let tokenMembers: [JSONMember]

    private static let scopeMember = Array(#""scope":"user""#.utf8)

    init(settings: DGSettings) {
        self.settings = settings
        tokenMembers = [JSONMember("refreshInSeconds", .number(JSONNumber(settings.refreshInSeconds)))]
    }

    func prepare(
        _ identity: Identity, in context: SigningContext, into payload: inout PayloadWriter
    ) throws(SignetError) -> UnsignedIdentity {
        guard case .customer(let customer) = identity else {
            throw SignetError(SigningFault.nothingToSign, "DG has no auth token for an anonymous visitor")
        }
        let found = try settings.externalID.value(
            for: customer, in: context, place: "DG externalId", canBeOptional: false)
        guard let externalID = found else {
            throw SignetError(SigningFault.incomplete, "DG externalId has no value")
        }
        let expiresAt = context.time.advanced(by: settings.tokenLifetime)
        payload.json { writer in
            writer.beginObject()
            writer.encoded(Self.scopeMember)
            writer.name("external_id")
            writer.string(externalID)
            writer.name("iat")
            writer.integer(context.time.seconds)
            writer.name("exp")
            writer.integer(expiresAt.seconds)
            writer.endObject()
        }
        return .browser(.authToken, members: tokenMembers, expiresAt: expiresAt)
    }

    func check(_ payload: JSONValue, in context: VerificationContext, into report: inout VerificationReport) {
        // The JWS checks have compared the kid with the key's. DG also requires that there is one.
        report.require(
            report.header?["kid"] != nil, "kid", "the header names the API key", else: "the header has no kid")
        guard report.checkClaims(payload) else { return }
        let scope = payload["scope"]?.string
        report.require(
            scope?.utf8.elementsEqual("user".utf8) == true, "scope", "scope is \"user\"", else: "scope is not \"user\"")
        report.require(
            payload["external_id"]?.string?.isEmpty == false, "external_id", "external_id is a non-empty string",
            else: "external_id is not a non-empty string")
        if payload["iat"] == nil {
            report.note("iat", .warn, "there is no iat")
        } else {
            _ = report.checkIssuedAt(payload, at: context.time)
        }
        report.checkNotBefore(payload, at: context.time)
        report.checkExpiry(payload, at: context.time)
    }
}

extension BadgeKind {
    /// The JWT for the metadata of a DG widget.
    public static let authToken = BadgeKind(rawValue: "authToken")
}
