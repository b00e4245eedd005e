import SignetKit

/// Signs chat passes for one Acme workspace.
struct AcmeSigner: IdentitySigner {
    private let connection: String
    private let settings: AcmeSettings
    private let keyName: String
    private let signer: CompactJWSSigner
    private let verificationKeys: [VerificationKey]

    init(connection: String, settings: AcmeSettings, keys: ConnectionKeys) {
        self.connection = connection
        self.settings = settings
        keyName = keys.signing.name
        signer = CompactJWSSigner(key: keys.signing.key, type: "JWT")
        verificationKeys = keys.verification
    }

    func sign(_ identity: Identity, in context: SigningContext) throws(SignetError) -> SignedIdentity {
        guard case .customer(let customer) = identity else {
            throw SignetError(SigningFault.nothingToSign, "Acme has no pass for an anonymous visitor")
        }
        guard let member = try settings.member.value(for: customer, in: context, place: "Acme member") else {
            throw SignetError(SigningFault.incomplete, "Acme member has no value")
        }
        let expiresAt = context.time.advanced(by: settings.passLifetime)
        let token: String
        do {
            token = try signer.sign { writer in
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
        } catch {
            throw SignetError(error)
        }
        let pass = BrowserToken(
            kind: .chatPass, compact: token, members: [JSONMember("lounge", .string(settings.lounge))])
        return SignedIdentity(
            vendor: AcmePlugin.vendor.name, connection: connection, key: keyName, token: .browser(pass),
            issuedAt: context.time, expiresAt: expiresAt)
    }

    func verify(_ token: String, in context: VerificationContext) -> VerificationReport {
        var report = VerificationReport()
        guard let payload = report.checkJWS(token, with: verificationKeys), report.checkClaims(payload) else {
            return report
        }
        report.require(
            payload["aud"] == .string(settings.workspace), "aud", "aud is the workspace",
            else: "aud is not the workspace")
        report.require(
            payload["sub"]?.string?.isEmpty == false, "sub", "sub is a non-empty string",
            else: "sub is not a non-empty string")
        _ = report.checkIssuedAt(payload, at: context.time)
        report.checkExpiry(payload, at: context.time)
        return report
    }
}
