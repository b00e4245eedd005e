import SignetKit

/// Signs chat passes for one Acme workspace.
struct AcmeSigner: IdentitySigner {
    let settings: AcmeSettings

    func prepare(
        _ identity: Identity, in context: SigningContext, into payload: inout PayloadWriter
    ) throws(SignetError) -> UnsignedIdentity {
        guard case .customer(let customer) = identity else {
            throw SignetError(SigningFault.nothingToSign, "Acme has no pass for an anonymous visitor")
        }
        guard let member = try settings.member.value(for: customer, in: context, place: "Acme member") else {
            throw SignetError(SigningFault.incomplete, "Acme member has no value")
        }
        let expiresAt = context.time.advanced(by: settings.passLifetime)
        payload.json { writer in
            writer.beginObject()
            writer.name("aud")
            writer.string(settings.workspace)
            writer.name("sub")
            writer.string(member)
            writer.name("lounge")
            writer.string(settings.lounge)
            writer.name("iat")
            writer.integer(context.time.seconds)
            writer.name("exp")
            writer.integer(expiresAt.seconds)
            writer.endObject()
        }
        return .browser(
            .chatPass, members: [JSONMember("lounge", .string(settings.lounge))], expiresAt: expiresAt)
    }

    func check(_ payload: JSONValue, in context: VerificationContext, into report: inout VerificationReport) {
        guard report.checkClaims(payload) else { return }
        report.require(
            payload["aud"] == .string(settings.workspace), "aud", "aud is the workspace",
            else: "aud is not the workspace")
        report.require(
            payload["sub"]?.string?.isEmpty == false, "sub", "sub is a non-empty string",
            else: "sub is not a non-empty string")
        _ = report.checkIssuedAt(payload, at: context.time)
        report.checkExpiry(payload, at: context.time)
    }
}
