import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

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

    /// What an error of the library is to a caller: a status and a title for its code.
    init(_ error: SignetError) {
        let (status, title) = Self.titles[error.code] ?? (500, "The identity could not be signed")
        let member = error.memberFault ?? Self.memberFaults[error.code]
        let place = error.code == "identity-malformed" ? "\(error)" : error.reason
        let isAudit = error.code == "audit-unavailable"
        self.init(
            status, error.code, title,
            detail: isAudit
                ? "nothing is signed that is not recorded; the gateway's log says why"
                : Self.sentence(place, error.hint),
            errors: error.pointer.flatMap { pointer in member.map { [Fault(pointer: pointer, code: $0)] } } ?? [],
            retryAfter: isAudit ? 1 : nil)
    }

    private static let titles: [String: (status: Int, title: String)] = [
        "identity-malformed": (400, "The request is malformed"),
        SigningFault.incomplete.rawValue: (422, "The identity lacks what the vendor needs"),
        SigningFault.tokenTooLarge.rawValue: (422, "The identity does not fit into a token"),
        SigningFault.nothingToSign.rawValue: (422, "There is nothing to sign"),
        SigningFault.sessionRequired.rawValue: (422, "The vendor's token is for a session"),
        SigningFault.sessionNotAccepted.rawValue: (422, "A page may not name a session here"),
        SigningFault.noKey.rawValue: (500, "No key signs at this moment"),
        SigningFault.failed.rawValue: (500, "The identity could not be signed"),
        RoutingFault.unknownRoute.rawValue: (500, "The route leads nowhere"),
        RoutingFault.unknownConnection.rawValue: (500, "The route leads nowhere"),
        RoutingFault.invalid.rawValue: (500, "The route leads nowhere"),
        "audit-unavailable": (503, "The signature could not be recorded"),
    ]

    /// What is wrong with the member that the error's pointer leads to.
    private static let memberFaults = [
        SigningFault.incomplete.rawValue: "missing", SigningFault.sessionRequired.rawValue: "missing",
        SigningFault.sessionNotAccepted.rawValue: "not-accepted",
    ]

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
