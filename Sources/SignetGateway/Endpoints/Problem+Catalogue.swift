import SignetIdentity
import SignetJOSE
import SignetRouting

/// Every problem the gateway reports, each with its status, code and title. The list of docs/http.md.
extension Problem {
    static let notFound = Problem(
        404, "not-found", "There is nothing at this path",
        detail: "the paths are in /openapi.json; a path is taken as it is written, nothing is decoded")

    static func methodNotAllowed(_ methods: [String]) -> Problem {
        let list = methods.joined(separator: ", ")
        return Problem(
            405, "method-not-allowed", "This path has other methods", detail: "it can be called with \(list)",
            allow: list)
    }

    static let browser = Problem(
        403, "browser-not-allowed", "Browsers may not ask",
        detail:
            "the request has \"Origin\" or \"Sec-Fetch-Site\", as browsers send them: let your backend ask, once it knows who is logged in"
    )

    static let noCaller = Problem(
        401, "caller-unknown", "The caller is not known",
        detail: "send \"Authorization: Bearer\" and the caller's token, once; signet callers create NAME makes one")

    static func routeNotAllowed(_ caller: Caller) -> Problem {
        Problem(
            403, "route-not-allowed", "The caller may not use this route",
            detail: "the \"routes\" of caller \"\(caller.name)\" in the configuration do not cover it")
    }

    /// Only the names that the caller may know are offered.
    static func unknownRoute(_ name: String, among names: [String]) -> Problem {
        let hint = NearestName.hint(for: name, among: names) ?? "GET /v1/routes lists the routes of this caller"
        return Problem(
            404, "route-unknown", "There is no such route",
            detail: sentence("no route \(UnknownName.quoted(name))", hint))
    }

    static func rightNotGiven(_ right: CallerRight, to caller: Caller) -> Problem {
        Problem(
            403, "right-not-given", "The caller may not ask for this",
            detail: "\"allow\" of caller \"\(caller.name)\" in the configuration does not list \"\(right.rawValue)\"")
    }

    static func rateLimited(_ caller: Caller, retryAfter: Int) -> Problem {
        Problem(
            429, "rate-limited", "The caller asks too often",
            detail: "caller \"\(caller.name)\" is over its \"rate\"; ask again in \(retryAfter) s",
            retryAfter: retryAfter)
    }

    static let bodyTooLarge = Problem(
        413, "body-too-large", "The body is too large",
        detail: "it is longer than \(GatewayRequest.maximumBodyLength / 1024) KiB")

    static let mediaType = Problem(
        415, "media-type-not-supported", "The body is not declared as JSON",
        detail: "send \"Content-Type: application/json\", once; the only \"charset\" is utf-8")

    /// The coding is named where it can be one.
    static func contentEncoding(_ coding: String) -> Problem {
        let name = StringForm.name.accepts(coding.lowercased()) ? "the \"Content-Encoding\" \(coding)" : "such a body"
        return Problem(
            415, "content-encoding-not-supported", "The body is encoded",
            detail: "\(name) is not taken: send the JSON as it is, without \"Content-Encoding\"")
    }

    static let draining = Problem(
        503, "draining", "The gateway is going down",
        detail: "it stopped before the vendor had answered; ask again, another replica will answer", retryAfter: 1)

    /// For the log alone: nobody is there to read it.
    static let clientLeft = Problem(
        503, "client-left", "The client has left", detail: "it closed its connection before the vendor had answered")

    static let requestDeadline = Problem(
        504, "request-deadline", "The answer took too long",
        detail: "the vendor had not answered when the request's time was over")

    /// A request that says no identity.
    init(_ error: IdentityError) {
        let place = error.pointer.isEmpty ? "" : "\(error.pointer): "
        self.init(
            400, error.code, "The request is malformed", detail: Self.sentence("\(place)\(error.reason)", error.hint),
            errors: [Fault(pointer: error.pointer, code: error.kind.rawValue)])
    }

    /// An identity that a vendor's form cannot hold.
    init(_ error: SigningError) {
        let detail = Self.sentence(error.reason, error.hint)
        switch error.kind {
        case .incomplete:
            let faults = error.pointer.map { [Fault(pointer: $0, code: "missing")] } ?? []
            self.init(422, error.code, "The identity lacks what the vendor needs", detail: detail, errors: faults)
        case .tokenTooLarge: self.init(422, error.code, "The identity does not fit into a token", detail: detail)
        case .nothingToSign: self.init(422, error.code, "There is nothing to sign", detail: detail)
        case .sessionRequired:
            let faults = error.pointer.map { [Fault(pointer: $0, code: "missing")] } ?? []
            self.init(422, error.code, "The vendor's token is for a session", detail: detail, errors: faults)
        case .sessionNotAccepted:
            self.init(
                422, error.code, "A page may not name a session here", detail: detail,
                errors: [Fault(pointer: "/page/sessionId", code: "not-accepted")])
        case .noKey: self.init(500, error.code, "No key signs at this moment", detail: detail)
        case .failed: self.init(500, error.code, "The identity could not be signed", detail: detail)
        }
    }

    /// A route that is there and leads nowhere.
    init(_ error: RoutingError) {
        self.init(500, error.code, "The route leads nowhere", detail: Self.sentence(error.reason, error.hint))
    }

    /// A vendor that did not take what it has to have first.
    init(_ error: DeliveryError) {
        let detail = Self.sentence(error.reason, error.hint)
        switch error.kind {
        case .refused: self.init(502, error.code, "The vendor refused", detail: detail)
        case .unreachable: self.init(502, error.code, "The vendor could not be reached", detail: detail)
        case .senseless: self.init(502, error.code, "The vendor's answer makes no sense", detail: detail)
        case .timedOut: self.init(504, error.code, "The vendor was too slow", detail: detail)
        case .circuitOpen:
            self.init(
                503, error.code, "The vendor is left alone for a while", detail: detail, retryAfter: error.retryAfter)
        case .busy:
            self.init(
                503, error.code, "The vendor has too many calls under way", detail: detail, retryAfter: error.retryAfter
            )
        case .signing: self.init(500, error.code, "The identity could not be signed", detail: detail)
        case .draining: self = .draining
        }
    }

    /// A record that could not be kept, so that nothing is handed out.
    init(_ error: AuditError) {
        self.init(
            503, error.code, "The signature could not be recorded",
            detail: "nothing is signed that is not recorded; the gateway's log says why", retryAfter: 1)
    }

    /// A vendor whose token is for the backend alone, and which nobody taught to be called.
    static func noBadge(_ connection: VendorConnection) -> Problem {
        Problem(
            422, "badge-not-possible", "This vendor's token is for the backend alone",
            detail: "connection \"\(connection.name)\" has no badge; ask for /sign and deliver it yourself")
    }

    private static func sentence(_ reason: String, _ hint: String?) -> String {
        hint.map { "\(reason); \($0)" } ?? reason
    }
}
