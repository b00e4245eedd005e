import SignetTestSupport
import Testing

/// Every way to fail, with values that must not come out on stderr, whatever goes wrong.
@Suite struct SecrecyTests {
    private static let identity = """
        {"subject":"MARKER-subject","email":"MARKER-email","name":"MARKER-name","phone":"MARKER-phone",\
        "attributes":{"plan":"MARKER-plan"},"context":{"brand":"MARKER-brand"},"sessionId":"MARKER-session"}
        """
    private static let token = "eyJhbGciOiJIUzI1NiJ9.TUFSS0VS.MARKER"
    private static let customer = ["--subject", "MARKER-subject", "--email", "MARKER-email"]

    static let calls: [(arguments: [String], input: String)] = [
        (["sign", "pega"] + customer, ""), (["sign", "pega"] + customer + ["--session", "MARKER session"], ""),
        (["sign", "nowhere"] + customer, ""), (["sign", "moving", "--for", "create"] + customer, ""),
        (["sign", "talkative", "--subject", "MARKER-subject"], ""), (["sign", "dg", "--subject", "MARKER\u{1}"], ""),
        (["sign", "dg"] + customer + ["--attribute", "MARKER"], ""),
        (["sign", "dg"] + customer + ["--name", "MARKER\n"], ""),
        (["sign", "dg"] + customer + ["--attribute", "plan=MARKER\u{1}"], ""),
        (["sign", "dg", "--subject", String(repeating: "MARKER", count: 50)], ""),
        (["sign", "talkative"] + customer + ["--attribute", "plan=" + String(repeating: "MARKER", count: 3000)], ""),
        (["sign", "pega", "--identity", "-", "--for", "creat"], identity),
        (["sign", "dg", "--identity", "-"], identity + "x"), (["sign", "dg", "--identity", "-"], "\"MARKER\""),
        (["sign", "dg", "--identity", "-"], #"{"subject":["MARKER"]}"#),
        (["sign", "dg", "--identity", "-"], #"{"subject":"MARKER\ud800"}"#),
        (["sign", "dg", "--identity", "-"], #"{"anonymous":true,"subject":"MARKER"}"#),
        (["sign", "dg", "--identity", "-"], #"{"subject":"1","sessionId":"MARKER MARKER"}"#),
        (["sign", "dg", "--identity", identity], ""), (["sign", "dg", "--batch", identity], ""),
        (["sign", "pega", "--batch", "-"], identity + "x\n\"MARKER\"\n{\"subject\":\"MARKER\\u0001\"}\n"),
        (["sign", token], ""), (["verify", token], ""), (["verify", "dg", token], ""), (["verify", "dg"], token),
        (["verify", "pega", token, "--session", "MARKER"], ""), (["verify", "pega", token], ""),
        (["verify", "--connection", token, token], ""), (["verify", "dg", token, "--at", "MARKER"], ""),
        (["verify", "--key", "keys/talkative.public.pem", token], ""),
        (["verify", "--key", "keys/broken.pem", token], ""),
        (["migrate", "preview", "moving", "--identities", "-"], identity + "x\n\"MARKER\"\n{\"MARKER\":1}\n"),
        (["migrate", "preview", "moving", "--identities", identity], ""),
        (["migrate", "report", token, "-"], "MARKER"),
        (["migrate", "status", token], ""), (["explain", "moving", "--subject", "MARKER\u{1}"], ""),
        (["inspect", token, token], ""), (["explain", token], ""), ([token], ""),
        (["keys", "public", "keys/broken.pem"], ""),
        (["keys", "public", "keys/dg.secret"], ""), (["check", "-c", "broken.json"], ""),
        (["sign", "dg", "-c", "broken.json"] + customer, ""),
        (["keys", "inspect", "keys/dg.secret", "--encoding", "hex"], ""), (["sign", "dg", "--subjct=MARKER"], ""),
    ]

    @Test(arguments: 0..<calls.count)
    func stderrHoldsNoCustomerTokenOrSecret(index: Int) throws {
        let workplace = try Workplace()
        try workplace.directory.write(
            "-----BEGIN PRIVATE KEY-----\nMARKER\n-----END PRIVATE KEY-----\n", to: "keys/broken.pem")
        try workplace.directory.write("MARKER-and-not-hexadecimal-at-all-whatever", to: "keys/text.secret")
        try workplace.directory.write(
            """
            { "keys": { "a": { "file": "keys/text.secret", "encoding": "hex" }, "b": { "file": "keys/broken.pem" },
                        "c": { "file": "keys/text.secret", "encoding": "base64" } }, "connections": {} }
            """, to: "broken.json")
        let call = Self.calls[index]
        let outcome = try workplace.signet(call.arguments, input: call.input)
        #expect(outcome.status != 0)
        #expect(!(outcome.output + outcome.errors).isEmpty)
        #expect(!outcome.errors.contains("MARKER"), "\(outcome.errors)")
        #expect(!outcome.errors.contains("TUFSS0VS"), "\(outcome.errors)")
    }

    @Test func batchResultDoesNotRepeatTheLine() throws {
        let outcome = try Workplace().signet(
            ["sign", "talkative", "--batch", "-"],
            input: """
                {"subject":"MARKER"}
                {"subject":"MARKER\\u0001","email":"MARKER"}
                {"subject":"1","email":["MARKER"]}
                MARKER
                """)
        #expect(outcome.status == 1)
        #expect(outcome.lines.count == 4)
        #expect(!outcome.output.contains("MARKER"))
    }

    @Test func noOutputHoldsTheSecretOfAKey() throws {
        let workplace = try Workplace()
        for arguments in [
            ["check"], ["check", "--output", "json"], ["keys", "inspect", "keys/dg.secret"],
            ["keys", "public", "keys/dg.secret"],
            ["sign", "dg", "--subject", "1", "--output", "json"], ["explain", "dg", "--output", "json"],
        ] {
            let outcome = try workplace.signet(arguments)
            #expect(!(outcome.output + outcome.errors).isEmpty, "\(arguments)")
            #expect(!(outcome.output + outcome.errors).contains("MARKER"), "\(arguments)")
        }
    }
}
