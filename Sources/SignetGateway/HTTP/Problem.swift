import SignetJOSE

/// What went wrong, as a person and a program can act on it (RFC 9457).
public struct Problem: Error, Sendable, Equatable {
    /// The HTTP status.
    public let status: Int
    /// A stable kebab-case code; `type` is made of it.
    public let code: String
    /// The code in words, the same for every occurrence.
    public let title: String
    /// What is wrong this time, and what to do about it. Holds no secret, token, session id or anything of a customer.
    public let detail: String
    /// The members of the request's body that are at fault.
    public let errors: [Fault]
    /// In how many seconds to ask again.
    public let retryAfter: Int?
    /// The methods there are, for 405.
    public let allow: String?

    /// One member of the body and what is the matter with it.
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
        // RFC 9110 §12.5.3: what would be taken instead.
        if code == "content-encoding-not-supported" { headers.append(("Accept-Encoding", "identity")) }
        if status == 401 { headers.append(("WWW-Authenticate", "Bearer realm=\"signet\"")) }
        return GatewayResponse(status: status, headers: headers, body: JSONWriter.visibleBytes(of: .object(members)))
    }
}
