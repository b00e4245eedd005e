import SignetJOSE

/// A vendor's signed form of one identity.
public struct SignedIdentity: Sendable {
    /// The vendor's name.
    public let vendor: String
    /// The connection's name.
    public let connection: String
    /// The name of the key that signed.
    public let key: String
    /// The token, for the browser or for the backend.
    public let token: SignedToken
    /// The time of signing.
    public let issuedAt: NumericDate
    /// The time from which the vendor refuses it; nil for a form without expiry.
    public let expiresAt: NumericDate?

    /// Makes a signed identity.
    public init(
        vendor: String, connection: String, key: String, token: SignedToken, issuedAt: NumericDate,
        expiresAt: NumericDate?
    ) {
        self.vendor = vendor
        self.connection = connection
        self.key = key
        self.token = token
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }
}

extension SignedIdentity: CustomStringConvertible, CustomDebugStringConvertible {
    /// Vendor and connection, without the token.
    public var description: String { "an identity signed for \(vendor) by \(connection)" }
    /// Vendor and connection, without the token.
    public var debugDescription: String { description }
}

extension SignedIdentity {
    /// The JSON form in the command's output and the gateway's reply. It contains the token.
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
