import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSandbox
import Testing

/// The sandbox vendor checks what Pega checks, so a test that passes it is meaningful.
@Suite struct SandboxPegaTests {
    private let now: Int64 = 1_800_000_000
    private let pega: SandboxPega

    init() throws {
        let now = NumericDate(seconds: now)
        pega = SandboxPega(widgetID: TestPega.widgetID, key: try TestPega.key(), time: { now })
    }

    private func token(_ claims: JSONValue, key: HS256Key? = nil) throws -> String {
        let key = SigningKey.hs256(try key ?? TestPega.key())
        return try CompactJWSSigner(key: key, type: "JWT", includesKeyID: false).sign(JSONWriter.bytes(of: claims))
    }

    private func respond(
        _ target: String, token: String?, body: String = "{}", method: String = "POST",
        type: String = "application/json"
    ) -> GatewayResponse? {
        let authorization = token.map { [(name: "authorization", value: "Bearer \($0)")] } ?? []
        let request = GatewayRequest(
            method: method, target: target, headers: authorization + [("Content-Type", type)], body: Array(body.utf8))
        guard case .ready(let response) = pega.reply(to: request) else { return nil }
        return response
    }

    private func claims(_ issuer: String = TestPega.widgetID, issued: Int64? = nil, expires: Int64? = nil) -> JSONValue
    {
        [
            "iss": .string(issuer), "iat": .number(JSONNumber(issued ?? now)),
            "exp": .number(JSONNumber(expires ?? now + 300)),
        ]
    }

    private var create: String { "/\(TestPega.widgetID)/create" }

    private func made(_ body: String = #"{"customerId": "c"}"#) throws -> String {
        let response = try #require(respond(create, token: try token(claims()), body: body))
        #expect(response.status == 200)
        return try #require(try JSONReader.value(response.body)["sessionId"]?.string)
    }

    @Test func aSessionAndItsData() throws {
        let id = try made()
        #expect(pega.session(id)?.customerID == "c")
        #expect(pega.session(id)?.privateData == nil)
        let sent = respond("/private-data", token: try token(claims(id, issued: now - 2)), body: #"{"a": "b"}"#)
        #expect(sent?.status == 200)
        #expect(pega.session(id)?.privateData == ["a": "b"])
        #expect(pega.counts.created == 1)
        #expect(pega.counts.delivered == 1)
        #expect(pega.counts.refused == 0)
        #expect(pega.counts.greatestTokenAge == 2)
        #expect(try SessionID(id).text == id)
        #expect(try made("{}") != id)
    }

    @Test func aTokenThatComesTwiceIsSeen() throws {
        let token = try token(claims(try made()))
        _ = respond("/private-data", token: token)
        #expect(pega.counts.repeatedTokens == 0)
        _ = respond("/private-data", token: token)
        #expect(pega.counts.repeatedTokens == 1)
    }

    @Test func wrongTokens() throws {
        let id = try made()
        let other = try HS256Key.generate()
        let wrong: [(String, String?)] = [
            (create, nil), (create, "a.b.c"), (create, try token(claims(), key: other)),
            (create, try token(claims(id))),
            (create, try token(["iat": .number(JSONNumber(now))])),
            (create, try token(["iss": .string(TestPega.widgetID)])),
            (create, try token(claims(issued: now - 301))), (create, try token(claims(issued: now + 61))),
            (create, try token(claims(issued: .min))), (create, try token(claims(expires: now - 60))),
            (create, try token(claims(expires: .min))), ("/private-data", try token(claims())),
            ("/private-data", try token(claims("no-session"))), ("/private-data", try token(claims(id), key: other)),
        ]
        for (target, token) in wrong { #expect(respond(target, token: token)?.status == 401) }
        #expect(pega.counts.created == 1)
        #expect(pega.counts.delivered == 0)
        #expect(pega.counts.refused == wrong.count)
    }

    @Test func twoTokensAreOneTooMany() throws {
        let field = (name: "Authorization", value: "Bearer \(try token(claims()))")
        let request = GatewayRequest(
            method: "POST", target: create, headers: [field, field, ("Content-Type", "application/json")],
            body: Array("{}".utf8))
        guard case .ready(let response) = pega.reply(to: request) else { return }
        #expect(response.status == 401)
    }

    @Test func wrongRequests() throws {
        let token = try token(claims())
        #expect(respond(create, token: token, method: "GET")?.status == 405)
        #expect(respond("/", token: token)?.status == 404)
        #expect(respond(create + "?a=b", token: token)?.status == 404)
        #expect(respond(create, token: token, type: "text/plain")?.status == 415)
        for body in [
            "", "[]", "{", #"{"customerId": 7}"#, #"{"customerId": "c", "more": "d"}"#, #"{"other": "c"}"#,
            #"{"customerId": "c", "customerId": "d"}"#,
        ] {
            #expect(respond(create, token: token, body: body)?.status == 400)
        }
        #expect(pega.counts.created == 0)
        #expect(pega.refusal(Problem(431, "x", "Too much", detail: "d")).status == 431)
    }

    @Test func onlySoMuchIsRemembered() {
        var recent = Recent<Int>(capacity: 3)
        for number in 1...4 { recent.insert(number, as: "\(number)") }
        recent.replace(20, as: "2")
        recent.replace(10, as: "1")
        #expect((1...5).map { recent["\($0)"] } == [nil, 20, 3, 4, nil])
        for number in 5...1_000 { recent.insert(number, as: "\(number)") }
        recent.insert(0, as: "1000")
        recent.insert(1_001, as: "1001")
        #expect((997...1_001).map { recent["\($0)"] } == [nil, nil, 999, 0, 1_001])
    }
}
