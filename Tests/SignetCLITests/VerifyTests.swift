import SignetJOSE
import SignetTestSupport
import Testing

@Suite struct VerifyTests {
    private static let customer = ["--subject", "12345", "--email", "ada@example.com"]

    private static func token(_ workplace: Workplace, _ route: String, _ flags: [String] = []) throws -> String {
        let outcome = try workplace.signet(["sign", route] + customer + flags)
        return try #require(outcome.lines.first)
    }

    @Test(arguments: [
        ("talkative", "talkative-uk", []), ("dg", "dg-eu", []), ("pega", "pega-us", ["--for", "create"]),
        ("pega", "pega-us", ["--session", "s-1"]),
    ])
    func tokenIsValidByRouteAndConnectionFromOperandAndStdin(route: String, connection: String, flags: [String]) throws
    {
        let workplace = try Workplace()
        let token = try Self.token(workplace, route, flags)
        for (arguments, input) in [
            ([route, token], ""), ([route, "-"], token + "\n"), ([route], token + "\r\n"), ([route], token),
            (["--connection", connection, token], ""), (["--connection", connection], token),
        ] {
            let outcome = try workplace.signet(["verify"] + arguments + flags, input: input)
            #expect(outcome.status == 0)
            #expect(outcome.lines.last == "valid")
            #expect(outcome.lines.dropLast().allSatisfy { $0.hasPrefix("ok    ") })
            #expect(outcome.errors == "")
        }
    }

    @Test func jsonHasTheFormOfTheContract() throws {
        let workplace = try Workplace()
        let token = try Self.token(workplace, "talkative")
        let outcome = try workplace.signet("verify", "talkative", token, "--output", "json")
        let payload =
            #"[{"label":"Customer ID","data":"12345","type":"string"},{"label":"Email","data":"ada@example.com","type":"string"}]"#
        #expect(
            outcome.output == """
                {"valid":true,"checks":[\
                {"name":"serialization","result":"ok","detail":"compact serialization, three segments, canonical base64url"},\
                {"name":"header","result":"ok","detail":"a strict JSON object without crit, b64 or an embedded key"},\
                {"name":"algorithm","result":"ok","detail":"the header's alg is the key's"},\
                {"name":"key-id","result":"ok","detail":"the header's kid does not contradict the key's"},\
                {"name":"signature","result":"ok","detail":"made by the connection's key over exactly this token"},\
                {"name":"payload","result":"ok","detail":"strict JSON"},\
                {"name":"array","result":"ok","detail":"an array of entries"},\
                {"name":"entries","result":"ok","detail":"every entry is exactly label, data and type, and type is \\"string\\""}],\
                "header":{"alg":"ES256"},"payload":\(payload)}

                """)
    }

    @Test(arguments: [
        ("dg", "x", "serialization"), ("dg", "e30.e30.AA", "algorithm"),
        ("dg", "eyJhbGciOiJub25lIn0.e30.", "algorithm"),
        ("talkative", "eyJhbGciOiJFUzI1NiJ9.W10.AAAA", "signature"),
    ])
    func invalidTokenHasStatusOneAndNamesTheFailedCheck(route: String, token: String, check: String) throws {
        let workplace = try Workplace()
        let outcome = try workplace.signet("verify", route, token, "--output", "json")
        #expect(outcome.status == 1)
        #expect(outcome.errors == "")
        let json = try JSONReader.value(outcome.output.utf8)
        #expect(json["valid"] == false)
        let failed = json["checks"]?.array?.filter { $0["result"] == "fail" }.compactMap { $0["name"]?.string }
        #expect(failed == [check])
        #expect(try workplace.signet("verify", route, token).lines.last == "not valid")
    }

    @Test(arguments: [("2020-01-01T00:00:00Z", "iat"), ("2099-01-01T00:00:00Z", "exp")])
    func tokenIsCheckedForTheGivenTime(time: String, check: String) throws {
        let workplace = try Workplace()
        let token = try Self.token(workplace, "dg")
        let outcome = try workplace.signet("verify", "dg", token, "--at", time, "--output", "json")
        #expect(outcome.status == 1)
        let checks = try JSONReader.value(outcome.output.utf8)["checks"]?.array ?? []
        #expect(checks.first { $0["result"] == "fail" }?["name"] == .string(check))
    }

    @Test func pegaTokenIsValidOnlyForItsSession() throws {
        let workplace = try Workplace()
        let token = try Self.token(workplace, "pega", ["--session", "one"])
        #expect(try workplace.signet("verify", "pega", token, "--session", "one").status == 0)
        #expect(try workplace.signet("verify", "pega", token, "--session", "two").status == 1)
        #expect(try workplace.signet("verify", "pega", token, "--for", "create").status == 1)
    }

    @Test(arguments: [
        ("talkative", "keys/talkative.public.pem", [], Int32(0)), ("talkative", "keys/talkative.private.pem", [], 0),
        ("dg", "keys/dg.secret", [], 0), ("dg", "keys/dg.secret", ["--encoding", "utf8"], 0),
        ("dg", "keys/pega.secret", [], 1),
        ("dg", "keys/talkative.public.pem", [], 1), ("talkative", "keys/dg.secret", [], 1),
    ])
    func keyOptionChecksOnlyTheJWS(route: String, key: String, flags: [String], status: Int32) throws {
        let workplace = try Workplace()
        let token = try Self.token(workplace, route)
        #expect(try workplace.signet(["verify", "--key", key, token] + flags).status == status)
        #expect(try workplace.signet(["verify", "--key", key, "-"] + flags, input: token).status == status)
    }

    @Test func jwkAndEncryptedKeyVerify() throws {
        let workplace = try Workplace()
        let token = try Self.token(workplace, "talkative")
        let jwk = try workplace.signet("keys", "public", "keys/talkative.private.pem", "--jwk")
        try workplace.directory.write(jwk.output, to: "key.jwk", mode: 0o644)
        #expect(try workplace.signet("verify", "--key", "key.jwk", token).status == 0)
        try workplace.directory.write(try Fixtures.bytes("config/keys/encrypted.pem"), to: "encrypted.pem")
        try workplace.directory.write("opensesame\n", to: "passphrase")
        let outcome = try workplace.signet(
            "verify", "--key", "encrypted.pem", "--passphrase-file", "passphrase", token)
        #expect(outcome.status == 0)
    }

    @Test func shortSecretIsRefusedUnlessAllowed() throws {
        let workplace = try Workplace()
        try workplace.directory.write("short", to: "short.secret")
        let refused = try workplace.signet("verify", "--key", "short.secret", "e30.e30.AA")
        #expect(refused.status == 2)
        #expect(refused.notes.first == "signet: error: short.secret: the secret has 5 bytes; HS256 needs at least 32")
        #expect(
            try workplace.signet("verify", "--key", "short.secret", "--allow-short-secret", "e30.e30.AA").status == 1)
    }
}
