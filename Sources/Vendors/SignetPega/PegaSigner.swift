import SignetIdentity
import SignetJOSE
import SignetSystem

/// Prepares requests to one Pega connection.
///
/// The JWT names no customer and does not cover the body: for five minutes it authorises any private data for its session.
/// So it is a ``BackendToken``, is signed anew for every request, and comes with the one request that it is for.
struct PegaSigner: IdentitySigner {
    let settings: PegaSettings

    /// A request's path and body, and the issuer of its JWT.
    struct Plan {
        let path: String
        let issuer: String
        let body: String
    }

    func prepare(
        _ identity: Identity, in context: SigningContext, into payload: inout PayloadWriter
    ) throws(SignetError) -> UnsignedIdentity {
        let plan = try plan(for: identity, in: context)
        let expiresAt = context.time.advanced(by: settings.tokenLifetime)
        payload.json { writer in
            writer.beginObject()
            writer.name("iss")
            writer.string(plan.issuer)
            writer.name("iat")
            writer.integer(context.time.seconds)
            writer.name("exp")
            writer.integer(expiresAt.seconds)
            writer.endObject()
        }
        let request = VendorRequest(
            method: "POST", url: "\(settings.origin.text)/\(plan.path)",
            headers: [("Content-Type", "application/json")], body: plan.body)
        return .backend(request, expiresAt: expiresAt)
    }

    func plan(for identity: Identity, in context: SigningContext) throws(SignetError) -> Plan {
        switch context.session {
        case nil:
            throw SignetError(
                SigningFault.sessionRequired, "a Pega JWT is for one session, or for creating one",
                hint: "name the session, or sign for creating one", pointer: "/sessionId")
        case .create:
            guard settings.sessions == .create else {
                throw SignetError(
                    SigningFault.sessionRequired, "this connection creates no sessions: \"sessions\" is \"report\"",
                    hint: "sign for the session whose id the page reported", pointer: "/sessionId")
            }
            return Plan(
                path: "\(settings.widgetID)/create", issuer: settings.widgetID,
                body: try createBody(for: identity, in: context))
        case .existing(let session):
            guard case .customer(let customer) = identity else {
                throw SignetError(SigningFault.nothingToSign, "Pega has no private data for an anonymous visitor")
            }
            try check(session)
            return Plan(
                path: "private-data", issuer: session.text, body: try privateData(for: customer, in: context))
        }
    }

    /// Refuses the widget's own id as a session id: a JWT issued for it could create sessions.
    func check(_ session: SessionID) throws(SignetError) {
        guard isWidget(session) else { return }
        throw SignetError(
            SigningFault.sessionRequired, "the session id is the widget's own id",
            hint: "a JWT issued for it could create sessions; use the sessionId that /create returned")
    }

    /// Services accept a widget's id in upper and lower case, and some of them without its hyphens.
    func isWidget(_ session: SessionID) -> Bool {
        Self.canonical(session.text) == Self.canonical(settings.widgetID)
    }

    private static func canonical(_ id: String) -> String {
        id.lowercased().filter { $0 != "-" }
    }

    /// An anonymous visitor's session is created with an empty object. Signet does not invent a guest id.
    private func createBody(for identity: Identity, in context: SigningContext) throws(SignetError) -> String {
        guard case .customer(let customer) = identity else { return "{}" }
        let found = try settings.customerID.value(for: customer, in: context, place: "Pega create \"customerId\"")
        return Self.body(of: found.map { [("customerId", $0)] } ?? [])
    }

    func privateData(for customer: Customer, in context: SigningContext) throws(SignetError) -> String {
        var members: [(name: String, value: String)] = []
        for (name, mapped) in settings.privateData {
            let value = try mapped.value(
                for: customer, in: context, place: "Pega private data \(JSONWriter.text(of: .string(name)))")
            if let value { members.append((name, value)) }
        }
        return Self.body(of: members)
    }

    private static func body(of members: [(name: String, value: String)]) -> String {
        JSONWriter.text(of: .object(members.map { JSONMember($0.name, .string($0.value)) }))
    }

    // MARK: Verification

    func check(_ payload: JSONValue, in context: VerificationContext, into report: inout VerificationReport) {
        report.require(
            report.header?["kid"] == nil, "kid", "the header names no key",
            else: "the header has a kid, and a Pega JWT has none")
        guard report.checkClaims(payload) else { return }
        checkIssuer(payload, for: context.session, in: &report)
        if let issuedAt = report.checkIssuedAt(payload, at: context.time) {
            let oldest = issuedAt.advanced(by: PegaSettings.maximumTokenLifetime + VerificationContext.clockSkew)
            report.require(
                context.time <= oldest, "age", "not older than 5 minutes", else: "older than 5 minutes")
        }
        if let issued = NumericDate(claim: payload["iat"]), let expiry = NumericDate(claim: payload["exp"]),
            expiry > issued.advanced(by: PegaSettings.maximumTokenLifetime)
        {
            report.note("lifetime", .warn, "exp is over 5 minutes after iat, but Pega accepts a JWT for 5 minutes only")
        }
        report.checkNotBefore(payload, at: context.time)
        report.checkExpiry(payload, at: context.time)
    }

    private func checkIssuer(
        _ payload: JSONValue, for session: SessionPurpose?, in report: inout VerificationReport
    ) {
        let issuer = payload["iss"]?.string
        switch session {
        case nil:
            report.note("iss", .fail, "no session was given, so iss cannot be checked")
        case .create:
            report.require(
                issuer?.utf8.elementsEqual(settings.widgetID.utf8) == true, "iss", "iss is the widget id",
                else: "iss is not the widget id")
        case .existing(let session) where isWidget(session):
            report.note("iss", .fail, "the session id is the widget's own id: such a JWT creates sessions")
        case .existing(let session):
            report.require(
                issuer?.utf8.elementsEqual(session.text.utf8) == true, "iss", "iss is the session id",
                else: "iss is not the session id")
        }
    }
}
