import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

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

/// The problems of the gateway's endpoints and of its admin side, with status, code and title. `SignetServer` adds the
/// problems of requests that are not proper HTTP (`FramingFault`). docs/http.md lists both.
extension Problem {
    static let notFound = Problem(
        "not-found", detail: "the paths are in /openapi.json; paths are not decoded")

    static let unknownPublicKey = Problem("not-found", detail: "no public key of that name is published")

    static let notOnAdminSide = Problem(
        "not-found", detail: "the admin side has /health/alive, /health/ready and /metrics")

    static func methodNotAllowed(_ methods: [String]) -> Problem {
        let list = methods.joined(separator: ", ")
        return Problem(
            405, "method-not-allowed", "This path does not allow the method", detail: "the path allows \(list)",
            allow: list)
    }

    static let browser = Problem(
        "browser-not-allowed",
        detail: "browsers send \"Origin\" or \"Sec-Fetch-Site\": ask from your backend, after login, without them")

    /// A page of another site that asks the admin side.
    static let otherSite = Problem(
        "browser-not-allowed", detail: "\"Sec-Fetch-Site\" or \"Origin\" names a page of another site")

    /// A `Host` that the admin side does not accept.
    static let hostNotAllowed = Problem(
        403, "host-not-allowed", "The request is for another host",
        detail: "\"Host\" has to be an IP address, localhost, or one of \"hosts\" of \"admin\" in the configuration")

    static let noCaller = Problem(
        401, "caller-unknown", "The caller is not known",
        detail: "send \"Authorization: Bearer\" and the caller's token, once; signet callers create NAME makes a token")

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

    static let bodyTooLarge = tooLargeBody(
        "the body is longer than \(GatewayRequest.maximumBodyLength / 1024) KiB")

    /// A body that the gateway or its server refuses for its length.
    package static func tooLargeBody(_ detail: String) -> Problem {
        Problem("body-too-large", detail: detail)
    }

    static let mediaType = Problem(
        415, "media-type-not-supported", "The body is not declared as JSON",
        detail: "send \"Content-Type: application/json\", once; the only \"charset\" is utf-8")

    /// The detail names the coding if it has the form of one.
    static func contentEncoding(_ coding: String) -> Problem {
        let name = StringForm.name.accepts(coding.lowercased()) ? "the \"Content-Encoding\" \(coding)" : "the encoding"
        return Problem(
            415, "content-encoding-not-supported", "The body is encoded",
            detail: "\(name) is not accepted: send the JSON without \"Content-Encoding\"")
    }

    static let draining = Problem(
        "draining", detail: "it stopped before the vendor answered; ask again, another replica will answer",
        retryAfter: 1)

    /// For the probes of a load balancer.
    static let notReady = Problem("draining", detail: "send nothing new to this replica", retryAfter: 1)

    /// For the probes of a load balancer: the audit has failed.
    static let auditUnavailable = Problem(
        "audit-unavailable", detail: "the gateway's log says what is wrong with the audit file", retryAfter: 1)

    /// For the log only: the client cannot read it.
    static let clientLeft = Problem(
        503, "client-left", "The client has left", detail: "it closed its socket before the vendor answered")

    static let requestDeadline = Problem(
        504, "request-deadline", "The answer took too long",
        detail: "the vendor did not answer within the request's time limit")

    /// For metrics and the log only: the old connection answers.
    static let newConnectionTooSlow = Problem(
        504, "fallback-after", "The new connection was too slow", detail: "it took longer than \"fallbackAfter\"")

    /// Describes an error of the library to a caller.
    init(_ error: SignetError) {
        let isAudit = error.code == "audit-unavailable"
        let memberFault = error.memberFault ?? Self.memberFaults[error.code]
        self.init(
            error.code,
            detail: isAudit
                ? "an identity that cannot be recorded is not handed out; the gateway's log says why"
                : Self.sentence(error.memberFault == nil ? error.reason : error.description, error.hint),
            errors: error.pointer.flatMap { pointer in memberFault.map { [Fault(pointer: pointer, code: $0)] } } ?? [],
            retryAfter: isAudit ? 1 : nil)
    }

    /// A vendor that did not take the identity.
    init(_ error: DeliveryError) {
        guard error.kind != .draining else {
            self = .draining
            return
        }
        self.init(error.code, detail: Self.sentence(error.reason, error.hint), retryAfter: error.retryAfter)
    }

    private init(_ code: String, detail: String, errors: [Fault] = [], retryAfter: Int? = nil) {
        let (status, title) = Self.titles[code] ?? (500, "The identity could not be signed")
        self.init(status, code, title, detail: detail, errors: errors, retryAfter: retryAfter)
    }

    /// The status and the title of each code of the library, and of each code with several details.
    private static let titles: [String: (status: Int, title: String)] = [
        "not-found": (404, "There is nothing at this path"),
        "browser-not-allowed": (403, "Browsers may not ask"),
        "body-too-large": (413, "The body is too large"),
        "draining": (503, "The gateway is shutting down"),
        "audit-unavailable": (503, "The audit cannot record"),
        "identity-malformed": (400, "The request is malformed"),
        SigningFault.incomplete.rawValue: (422, "The identity lacks what the vendor needs"),
        SigningFault.tokenTooLarge.rawValue: (422, "The identity does not fit into a token"),
        SigningFault.nothingToSign.rawValue: (422, "There is nothing to sign"),
        SigningFault.sessionRequired.rawValue: (422, "The vendor's token needs a session id"),
        SigningFault.sessionNotAccepted.rawValue: (422, "A page may not name a session here"),
        SigningFault.noKey.rawValue: (500, "No key signs at this moment"),
        RoutingFault.unknownRoute.rawValue: (500, "There is no such route"),
        RoutingFault.unknownConnection.rawValue: (500, "The route has no connection"),
        RoutingFault.invalid.rawValue: (500, "The routes are not valid"),
        DeliveryError.Kind.refused.rawValue: (502, "The vendor refused"),
        DeliveryError.Kind.unreachable.rawValue: (502, "The vendor could not be reached"),
        DeliveryError.Kind.senseless.rawValue: (502, "The vendor's answer cannot be used"),
        DeliveryError.Kind.timedOut.rawValue: (504, "The vendor was too slow"),
        DeliveryError.Kind.circuitOpen.rawValue: (503, "The circuit to the vendor is open"),
        DeliveryError.Kind.busy.rawValue: (503, "The limit of calls to the vendor is reached"),
    ]

    /// What is wrong with the member that the error's pointer leads to.
    private static let memberFaults = [
        SigningFault.incomplete.rawValue: "missing", SigningFault.sessionRequired.rawValue: "missing",
        SigningFault.sessionNotAccepted.rawValue: "not-accepted",
    ]

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
