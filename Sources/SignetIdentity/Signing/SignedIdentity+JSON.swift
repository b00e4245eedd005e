import SignetJOSE

extension SignedIdentity {
    /// The JSON form that the command prints and the gateway answers. It holds the token.
    package func json(route: String?) -> JSONValue {
        var members = [
            JSONMember("route", route.map(JSONValue.string) ?? .null), JSONMember("vendor", .string(vendor)),
            JSONMember("connection", .string(connection)), JSONMember("key", .string(key)),
            JSONMember("token", .string(token.compact)),
        ]
        let request: VendorRequest?
        switch token {
        case .browser: request = nil
        case .backend(let token): request = token.request
        }
        members += [
            JSONMember("browserSafe", .boolean(request == nil)), JSONMember("issuedAt", .string(issuedAt.rfc3339)),
            JSONMember("expiresAt", expiresAt.map { .string($0.rfc3339) } ?? .null),
        ]
        if let request {
            let headers = JSONValue.object(request.headers.map { JSONMember($0.name, .string($0.value)) })
            members.append(
                JSONMember(
                    "request",
                    [
                        "method": .string(request.method), "url": .string(request.url), "headers": headers,
                        "body": .string(request.body),
                    ]))
        }
        return .object(members)
    }
}
