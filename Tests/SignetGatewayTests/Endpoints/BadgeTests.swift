import SignetGateway
import SignetJOSE
import SignetKit
import Testing

/// What callers get: every shape of the contract.
@Suite struct BadgeTests {
    private let bench: GatewayBench

    init() throws {
        bench = try GatewayBench()
    }

    private func names(_ value: JSONValue?) -> [String] {
        value?.members?.map(\.name) ?? []
    }

    @Test func talkative() async throws {
        let response = await bench.badge("uk-store", #"{"subject":"4711","email":"zoe@shop.example"}"#)
        #expect(response.status == 200)
        let json = try response.json
        #expect(names(json) == ["route", "vendor", "connection", "issuedAt", "expiresAt", "subjectTag", "badge"])
        #expect(json["route"] == "uk-store")
        #expect(json["vendor"] == "talkative")
        #expect(json["connection"] == "talkative-uk")
        #expect(json["expiresAt"] == .null)
        #expect(names(json["badge"]) == ["kind", "value", "widgetId", "region", "api", "script"])
        #expect(json["badge"]?["kind"] == "signedInteractionData")
        let connection = try bench.gateway.state.router.connection("talkative-uk")
        let token = try #require(json["badge"]?["value"]?.string)
        #expect(connection.verify(token, in: VerificationContext()).isValid)
    }

    @Test func dg() async throws {
        let json = try await bench.badge("eu-store", #"{"subject":"4711"}"#).json
        #expect(names(json["badge"]) == ["kind", "value", "widgetId", "env", "script", "refreshInSeconds"])
        #expect(json["badge"]?["kind"] == "authToken")
        #expect(json["badge"]?["refreshInSeconds"] == 720)
        let issued = try #require(json["issuedAt"]?.string.flatMap(NumericDate.init(rfc3339:)))
        #expect(json["expiresAt"]?.string == issued.advanced(by: 900).rfc3339)
    }

    @Test(arguments: [
        #"{"subject":"4711","email":null,"name":null,"phone":null,"attributes":{"tier":null},"anonymous":null,"page":null}"#,
        #"{"subject":"4711","attributes":null,"context":{"brand":null},"visitorId":null,"sessionId":null,"page":{"defer":null}}"#,
    ])
    func nullIsAbsent(body: String) async throws {
        let response = await bench.badge("eu-store", body)
        #expect(response.status == 200)
        let token = try #require(try response.json["badge"]?["value"]?.string)
        #expect(try CompactJWS(parsing: token).jsonPayload()["external_id"] == "4711")
        let missing = await bench.badge("uk-store", #"{"subject":"1","email":null}"#)
        #expect(try missing.outcome == "422 identity-incomplete")
    }

    @Test(arguments: ["uk-store", "eu-store", "us-report"])
    func anonymousVisitorGetsTheWidgetAlone(route: String) async throws {
        let response = await bench.badge(route, #"{"anonymous":true}"#)
        #expect(response.status == 200)
        let json = try response.json
        #expect(json["badge"]?["kind"] == "none")
        #expect(json["badge"]?["value"] == nil)
        #expect(json["badge"]?["script"]?.string?.isEmpty == false)
        #expect(json["subjectTag"] == .null)
        #expect(bench.audit.entries.isEmpty)
        #expect(bench.vendor.requests.isEmpty)
    }

    @Test func theContextPicksTheConnectionAndIsNotSent() async throws {
        let body = #"{"subject":"1","email":"e@x.example","context":{"brand":"acme"},"visitorId":"v-1"}"#
        let response = await bench.badge("support", body)
        #expect(try response.json["connection"] == "talkative-uk")
        #expect(!String(decoding: response.body, as: UTF8.self).contains("acme"))
        #expect(try await bench.badge("support", #"{"subject":"1"}"#).json["connection"] == "dg-eu")
    }

    @Test func theSubjectTagIsTheCustomersAndNobodyElses() async throws {
        let first = try await bench.badge("eu-store", #"{"subject":"4711"}"#).json["subjectTag"]?.string
        let again = try await bench.badge("us-store", #"{"subject":"4711"}"#).json["subjectTag"]?.string
        let other = try await bench.badge("eu-store", #"{"subject":"4712"}"#).json["subjectTag"]?.string
        #expect(first?.utf8.count == 22)
        #expect(first == again)
        #expect(first != other)
    }

    @Test func repliesAreOfThisMomentAndForNobodyElse() async {
        let response = await bench.badge("eu-store", #"{"subject":"4711"}"#)
        #expect(response.header("Cache-Control") == "no-store")
        #expect(response.header("X-Request-Id")?.utf8.count == 36)
        #expect(response.header("Content-Type") == "application/json")
    }

    // MARK: Signed identities

    @Test(arguments: [
        ("uk-store", #"{"subject":"1","email":"e@x.example"}"#, true), ("eu-store", #"{"subject":"1"}"#, true),
        ("us-store", #"{"subject":"1","sessionId":"sid-9"}"#, false), ("us-store", #"{"subject":"1"}"#, false),
    ])
    func signedIdentitiesHaveTheCommandsShape(route: String, body: String, isSafe: Bool) async throws {
        let response = await bench.sign(route, body)
        #expect(response.status == 200)
        let json = try response.json
        let usual = ["route", "vendor", "connection", "key", "token", "browserSafe", "issuedAt", "expiresAt"]
        #expect(names(json) == usual + (isSafe ? [] : ["request"]))
        #expect(json["browserSafe"] == .boolean(isSafe))
        #expect(bench.vendor.requests.isEmpty)
        #expect(bench.audit.entries.count == 1)
        #expect(bench.audit.entries.first?.right == .sign)
    }

    @Test(arguments: [
        ("uk-store", #"{"anonymous":true}"#, "422 nothing-to-sign"),
        ("us-report", #"{"subject":"1"}"#, "422 session-required"),
        ("us-store", #"{"subject":"1","page":{"sessionId":"sid-2"}}"#, "422 session-not-accepted"),
    ])
    func whatCannotBeSignedIsSaid(route: String, body: String, outcome: String) async throws {
        #expect(try await bench.sign(route, body).outcome == outcome)
        #expect(bench.audit.entries.isEmpty)
    }

    // MARK: Open to all

    @Test func publicHalvesAreOpenAndCacheable() async throws {
        let request = GatewayRequest(method: "GET", target: "/.well-known/jwks.json", headers: [("Origin", "null")])
        let set = await bench.gateway.respond(to: request)
        #expect(set.status == 200)
        #expect(set.header("Content-Type") == "application/jwk-set+json")
        #expect(set.header("Cache-Control") == "public, max-age=300")
        #expect(try set.json["keys"]?.array?.count == 1)
        #expect(try set.json["keys"]?.array?.first?["d"] == nil)
        let pem = await bench.gateway.respond(
            to: GatewayRequest(method: "GET", target: "/v1/keys/talkative-key/public.pem"))
        #expect(String(decoding: pem.body, as: UTF8.self).hasPrefix("-----BEGIN PUBLIC KEY-----\n"))
        let description = await bench.gateway.respond(to: GatewayRequest(method: "GET", target: "/openapi.json?x=1"))
        #expect(description.status == 200)
    }

    @Test func aCallerSeesItsOwnRoutes() async throws {
        let json = try await bench.gateway.respond(to: bench.request("GET", "/v1/routes")).json
        #expect(json["caller"] == "storefront")
        #expect(json["allow"] == ["badge"])
        let names = json["routes"]?.array?.compactMap { $0["name"]?.string }
        #expect(names == ["uk-store", "eu-store", "us-store", "us-report", "support"])
        #expect(json["routes"]?.array?.last?["connections"] == ["talkative-uk", "dg-eu"])
    }
}
