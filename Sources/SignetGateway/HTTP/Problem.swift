import SignetIdentity
import SignetJOSE
import SignetRouting

/// What went wrong, for people and programs (RFC 9457).
public struct Problem: Error, Sendable, Equatable {
    /// The HTTP status.
    public let status: Int
    /// A stable kebab-case code, the end of `type`.
    public let code: String
    /// The code in words, the same for every occurrence.
    public let title: String
    /// What is wrong this time, and what to do about it. It has no secret, token, session id or anything of a customer.
    public let detail: String
    /// The wrong members of the request's body.
    public let errors: [Fault]
    /// In how many seconds to ask again.
    public let retryAfter: Int?
    /// The allowed methods, for 405.
    public let allow: String?

    /// One wrong member of the body.
    public struct Fault: Sendable, Equatable {
        /// A JSON Pointer (RFC 6901).
        public let pointer: String
        /// A stable code: `missing`.
        public let code: String

        /// Makes a fault.
        public init(pointer: String, code: String) {
            self.pointer = pointer
            self.code = code
        }
    }

    /// Makes a problem.
    public init(
        _ status: Int, _ code: String, _ title: String, detail: String, errors: [Fault] = [], retryAfter: Int? = nil,
        allow: String? = nil
    ) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = errors
        self.retryAfter = retryAfter
        self.allow = allow
    }

    /// The response, with the request's id.
    public func response(requestID: String) -> GatewayResponse {
        var members = [
            JSONMember("type", .string("urn:signet:problem:\(code)")), JSONMember("title", .string(title)),
            JSONMember("status", .number(JSONNumber(status))), JSONMember("code", .string(code)),
            JSONMember("detail", .string(detail)), JSONMember("requestId", .string(requestID)),
        ]
        if !errors.isEmpty {
            let faults = errors.map { fault -> JSONValue in
                ["pointer": .string(fault.pointer), "code": .string(fault.code)]
            }
            members.append(JSONMember("errors", .array(faults)))
        }
        var headers = [
            (name: "Content-Type", value: "application/problem+json"), (name: "Cache-Control", value: "no-store"),
            (name: "X-Request-Id", value: requestID),
        ]
        if let retryAfter { headers.append(("Retry-After", "\(retryAfter)")) }
        if let allow { headers.append(("Allow", allow)) }
        // RFC 9110 §12.5.3: the encoding that is accepted.
        if code == "content-encoding-not-supported" { headers.append(("Accept-Encoding", "identity")) }
        if status == 401 { headers.append(("WWW-Authenticate", "Bearer realm=\"signet\"")) }
        return GatewayResponse(status: status, headers: headers, body: JSONWriter.visibleBytes(of: .object(members)))
    }
}

/// Every problem that the gateway reports, with its status, code and title; the list of docs/http.md.
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

    /// The detail names the coding if it has the form of one.
    static func contentEncoding(_ coding: String) -> Problem {
        let name = StringForm.name.accepts(coding.lowercased()) ? "the \"Content-Encoding\" \(coding)" : "such a body"
        return Problem(
            415, "content-encoding-not-supported", "The body is encoded",
            detail: "\(name) is not taken: send the JSON as it is, without \"Content-Encoding\"")
    }

    static let draining = Problem(
        503, "draining", "The gateway is going down",
        detail: "it stopped before the vendor had answered; ask again, another replica will answer", retryAfter: 1)

    /// For the log only: the client cannot read it.
    static let clientLeft = Problem(
        503, "client-left", "The client has left", detail: "it closed its connection before the vendor had answered")

    static let requestDeadline = Problem(
        504, "request-deadline", "The answer took too long",
        detail: "the vendor had not answered when the request's time was over")

    /// A request without a valid identity.
    init(_ error: IdentityError) {
        let place = error.pointer.isEmpty ? "" : "\(error.pointer): "
        self.init(
            400, error.code, "The request is malformed", detail: Self.sentence("\(place)\(error.reason)", error.hint),
            errors: [Fault(pointer: error.pointer, code: error.kind.rawValue)])
    }

    /// An identity that cannot be signed for the vendor.
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

    /// A route without a connection.
    init(_ error: RoutingError) {
        self.init(500, error.code, "The route leads nowhere", detail: Self.sentence(error.reason, error.hint))
    }

    /// A vendor that did not take the identity.
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

    /// A record that could not be kept: nothing is handed out.
    init(_ error: AuditError) {
        self.init(
            503, error.code, "The signature could not be recorded",
            detail: "nothing is signed that is not recorded; the gateway's log says why", retryAfter: 1)
    }

    /// A vendor whose token is for the backend only, and whose backend Signet cannot call.
    static func noBadge(_ connection: VendorConnection) -> Problem {
        Problem(
            422, "badge-not-possible", "This vendor's token is for the backend alone",
            detail: "connection \"\(connection.name)\" has no badge; ask for /sign and deliver it yourself")
    }

    private static func sentence(_ reason: String, _ hint: String?) -> String {
        hint.map { "\(reason); \($0)" } ?? reason
    }
}
