import SignetGateway
import SignetIdentity
import SignetJOSE

/// Why the sandbox refuses a request.
struct SandboxPegaRefusal: Error {
    let status: Int
    let reason: String

    init(_ status: Int, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}

/// Checks requests as Pega does. Written from Pega's documents; shares nothing with Signet's own verification.
struct SandboxPegaCheck: Sendable {
    let key: VerificationKey
    let time: @Sendable () -> NumericDate

    /// The greatest age of a JWT, in seconds.
    private static let maximumAge: Int64 = 300
    /// How far the clocks may differ, in seconds.
    private static let skew: Int64 = 60

    /// What a request's JWT says.
    struct Token {
        let issuer: String
        let age: Int64
        let digest: String
    }

    func token(of request: GatewayRequest) throws(SandboxPegaRefusal) -> Token {
        guard request.method == "POST" else { throw SandboxPegaRefusal(405, "the method has to be POST") }
        guard let field = request.authorization, field.hasPrefix("Bearer ") else {
            throw SandboxPegaRefusal(401, "there is no Bearer token")
        }
        let token = String(field.dropFirst("Bearer ".count))
        let payload: JSONValue
        do {
            let jws = try CompactJWS(parsing: token)
            try jws.verify(with: key)
            payload = try jws.jsonPayload()
        } catch {
            throw SandboxPegaRefusal(401, error.reason)
        }
        guard let issuer = payload["iss"]?.string else { throw SandboxPegaRefusal(401, "there is no iss") }
        guard let issuedAt = NumericDate(claim: payload["iat"]) else {
            throw SandboxPegaRefusal(401, "there is no iat")
        }
        let now = time()
        guard issuedAt <= now.advanced(by: Self.skew) else { throw SandboxPegaRefusal(401, "issued in the future") }
        guard now <= issuedAt.advanced(by: Self.maximumAge) else {
            throw SandboxPegaRefusal(401, "older than five minutes")
        }
        if let expiry = payload["exp"] {
            guard let end = NumericDate(claim: expiry), now < end.advanced(by: Self.skew) else {
                throw SandboxPegaRefusal(401, "expired")
            }
        }
        let digest = Base64URL.encode(SHA256.digest(Array(token.utf8)))
        return Token(issuer: issuer, age: max(now.seconds - issuedAt.seconds, 0), digest: digest)
    }

    /// The members of the body, which is a JSON object.
    func body(of request: GatewayRequest) throws(SandboxPegaRefusal) -> [JSONMember] {
        guard request.contentType?.lowercased().hasPrefix("application/json") == true else {
            throw SandboxPegaRefusal(415, "the body is not application/json")
        }
        guard let members = (try? JSONReader.value(request.body))?.members else {
            throw SandboxPegaRefusal(400, "the body is not a JSON object")
        }
        return members
    }
}
