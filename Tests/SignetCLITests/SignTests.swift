import SignetJOSE
import SignetTestSupport
import Testing

@Suite struct SignTests {
    private static func payload(_ token: String) throws -> String {
        let parsed = try CompactJWS(parsing: token.filter { $0 != "\n" })
        return String(decoding: parsed.payload, as: UTF8.self)
    }

    @Test func signPrintsTheTokenAndNothingElse() throws {
        let outcome = try Workplace().signet(
            "sign", "talkative", "--subject", "12345", "--email=ada@example.com", "--attribute", "plan=gold=1")
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
        #expect(outcome.lines.count == 1)
        #expect(
            try Self.payload(outcome.output) == """
                [{"label":"Customer ID","data":"12345","type":"string"},\
                {"label":"Email","data":"ada@example.com","type":"string"},{"label":"Plan","data":"gold=1","type":"string"}]
                """)
    }

    @Test(arguments: [
        ("talkative", "talkative", "talkative-uk", "talkative", true),
        ("dg", "dg", "dg-eu", "dg", true), ("pega", "pega", "pega-us", "pega", false),
    ])
    func jsonHasTheFormOfTheContract(
        route: String, vendor: String, connection: String, key: String, browserSafe: Bool
    ) throws {
        let outcome = try Workplace().signet(
            ["sign", route, "--subject", "1", "--email", "e", "--output", "json"]
                + (browserSafe ? [] : ["--for", "create"]))
        #expect(outcome.status == 0)
        let json = try JSONReader.value(outcome.output.utf8)
        let names = ["route", "vendor", "connection", "key", "token", "browserSafe", "issuedAt", "expiresAt"]
        #expect(json.members?.map(\.name) == names + (browserSafe ? [] : ["request"]))
        #expect(json["route"] == .string(route))
        #expect(json["vendor"] == .string(vendor))
        #expect(json["connection"] == .string(connection))
        #expect(json["key"] == .string(key))
        #expect(json["browserSafe"] == .boolean(browserSafe))
        #expect(json["issuedAt"]?.string?.count == 20)
        #expect(json["expiresAt"] == .null || json["expiresAt"]?.string?.count == 20)
        #expect((json["expiresAt"] == .null) == (vendor == "talkative"))
        #expect(outcome.output == JSONWriter.text(of: json) + "\n")
    }

    @Test(arguments: [
        (
            ["--for", "create"], "https://widget.use1.chat.pega.digital/4d88d63c/create", #"{"customerId":"12345"}"#,
            "4d88d63c"
        ),
        (
            ["--session", "s-1~x"], "https://widget.use1.chat.pega.digital/private-data",
            #"{"customerId":"12345","externalUserId":"12345"}"#, "s-1~x"
        ),
    ])
    func pegaTokenIsPrintedWithItsRequest(flags: [String], url: String, body: String, issuer: String) throws {
        let outcome = try Workplace().signet(["sign", "pega", "--subject", "12345", "--output", "json"] + flags)
        let json = try JSONReader.value(outcome.output.utf8)
        let token = try #require(json["token"]?.string)
        let expected: JSONValue = [
            "method": "POST", "url": .string(url),
            "headers": ["Content-Type": "application/json", "Authorization": .string("Bearer \(token)")],
            "body": .string(body),
        ]
        #expect(json["request"] == expected)
        #expect(try CompactJWS(parsing: token).jsonPayload()["iss"] == .string(issuer))
    }

    @Test(arguments: [
        (#"{"subject":"7","email":"e","context":{"brand":"acme"}}"#, [], "dg-eu"),
        (#"{"subject":"7","email":"e"}"#, ["--context", "brand=acme"], "dg-eu"),
        (#"{"subject":"7","email":"e","context":{"brand":"other"}}"#, ["--context", "brand=acme"], "talkative-uk"),
        (#"{"subject":"7","email":"e"}"#, [], "talkative-uk"),
        (#"{"subject":"7","email":"e","name":null,"context":{"brand":null}}"#, [], "talkative-uk"),
    ])
    func contextChoosesTheConnection(identity: String, flags: [String], connection: String) throws {
        let workplace = try Workplace()
        let outcome = try workplace.signet(
            ["sign", "support", "--identity", "-", "--output", "json"] + flags, input: identity)
        #expect(try JSONReader.value(outcome.output.utf8)["connection"] == .string(connection))
        try workplace.directory.write(identity, to: "identity.json")
        let again = try workplace.signet(
            ["sign", "support", "--identity", "identity.json", "--output", "json"] + flags)
        #expect(try JSONReader.value(again.output.utf8)["connection"] == .string(connection))
    }

    @Test func connectionIsSignedForByName() throws {
        let outcome = try Workplace().signet("sign", "--connection", "dg-eu", "--subject", "7", "--output", "json")
        let json = try JSONReader.value(outcome.output.utf8)
        #expect(json["route"] == .null)
        #expect(json["connection"] == "dg-eu")
    }

    @Test func anonymousPegaSessionIsCreatedWithEmptyBody() throws {
        let outcome = try Workplace().signet("sign", "pega", "--anonymous", "--for", "create", "--output", "json")
        #expect(try JSONReader.value(outcome.output.utf8)["request"]?["body"] == "{}")
    }

    @Test func wordAfterDoubleDashIsTheRoute() throws {
        let outcome = try Workplace().signet("sign", "--subject", "-7", "--", "dg")
        #expect(outcome.status == 0)
        #expect(try CompactJWS(parsing: outcome.output.filter { $0 != "\n" }).jsonPayload()["external_id"] == "-7")
    }
}
