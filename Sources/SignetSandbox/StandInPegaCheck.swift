import SignetGateway
import SignetIdentity
import SignetJOSE

/// Why the stand-in does not do what it is asked for.
struct StandInPegaRefusal: Error {
    let status: Int
    let reason: String

    init(_ status: Int, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}

/// Checks requests as Pega does. It is written from Pega's documents and shares nothing with Signet's own verification.
struct StandInPegaCheck: Sendable {
    let key: VerificationKey
    let time: @Sendable () -> NumericDate

    /// Pega takes no JWT that is older, in seconds.
    private static let maximumAge: Int64 = 300
    /// So far may the clocks be apart, in seconds.
    private static let skew: Int64 = 60

    /// What is known of a request from its JWT.
    struct Token {
        let issuer: String
        let age: Int64
        let digest: String
    }

    func token(of request: GatewayRequest) throws(StandInPegaRefusal) -> Token {
        guard request.method == "POST" else { throw StandInPegaRefusal(405, "only POST will do") }
        guard let field = request.authorization, field.hasPrefix("Bearer ") else {
            throw StandInPegaRefusal(401, "there is no Bearer token")
        }
        let token = String(field.dropFirst("Bearer ".count))
        let payload: JSONValue
        do {
            let jws = try CompactJWS(parsing: token)
            try jws.verify(with: key)
            payload = try jws.jsonPayload()
        } catch {
            throw StandInPegaRefusal(401, error.reason)
        }
        guard let issuer = payload["iss"]?.string else { throw StandInPegaRefusal(401, "there is no iss") }
        guard let issuedAt = NumericDate(claim: payload["iat"]) else {
            throw StandInPegaRefusal(401, "there is no iat")
        }
        let now = time()
        guard issuedAt <= now.advanced(by: Self.skew) else { throw StandInPegaRefusal(401, "issued in the future") }
        guard now <= issuedAt.advanced(by: Self.maximumAge) else {
            throw StandInPegaRefusal(401, "older than five minutes")
        }
        if let expiry = payload["exp"] {
            guard let end = NumericDate(claim: expiry), now < end.advanced(by: Self.skew) else {
                throw StandInPegaRefusal(401, "expired")
            }
        }
        let digest = Base64URL.encode(SHA256.digest(Array(token.utf8)))
        return Token(issuer: issuer, age: max(now.seconds - issuedAt.seconds, 0), digest: digest)
    }

    /// The members of the body, which is a JSON object.
    func body(of request: GatewayRequest) throws(StandInPegaRefusal) -> [JSONMember] {
        guard request.contentType?.lowercased().hasPrefix("application/json") == true else {
            throw StandInPegaRefusal(415, "the body is not application/json")
        }
        guard let members = (try? JSONReader.value(request.body))?.members else {
            throw StandInPegaRefusal(400, "the body is no JSON object")
        }
        return members
    }
}
