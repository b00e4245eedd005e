import Foundation
import SignetCLI
import SignetJOSE
import SignetTestSupport
import Testing

/// The commands that only look: inspect, explain, check, vendors, --version.
@Suite struct LookingTests {
    @Test func inspectShowsWhatStandsInATokenAndVerifiesNothing() throws {
        let token = "eyJhbGciOiJFUzI1NiJ9.WyJhL2IiXQ.AA"
        let outcome = try Workplace().signet("inspect", token, "--output", "json")
        #expect(outcome.status == 1)
        #expect(
            outcome.output == """
                {"header":{"alg":"ES256"},"payload":["a/b"],"signature":"AA","verified":false,"problems":[\
                {"code":"jws-signature-length","message":"an ES256 signature has 64 bytes, this one 1"}]}

                """)
        let pretty = try Workplace().signet(["inspect"], input: token + "\n")
        #expect(pretty.status == 1)
        #expect(
            pretty.lines.prefix(5) == ["{", "  \"header\": {", "    \"alg\": \"ES256\"", "  },", "  \"payload\": ["])
        #expect(try JSONReader.value(pretty.output.utf8) == JSONReader.value(outcome.output.utf8))
    }

    @Test func inspectOfASoundTokenIsDone() throws {
        let workplace = try Workplace()
        let token = try workplace.signet("sign", "dg", "--subject", "1").output
        let outcome = try workplace.signet(["inspect", "-", "--output=json"], input: token)
        #expect(outcome.status == 0)
        let json = try JSONReader.value(outcome.output.utf8)
        #expect(json["verified"] == false)
        #expect(json["problems"] == [])
        #expect(json["header"]?["kid"] == "dg_live_1")
    }

    @Test func aTokenCannotSteerTheTerminal() throws {
        let payload = Base64URL.encode(Array("[\"\u{9B}31m\u{7F}\"]".utf8))
        let outcome = try Workplace().signet("inspect", "eyJhbGciOiJIUzI1NiJ9.\(payload).AA")
        #expect(outcome.output.contains(#""\u009b31m\u007f""#))
        #expect(!outcome.output.unicodeScalars.contains { $0.value == 0x9B || $0.value == 0x7F })
    }

    @Test(arguments: [
        (["talkative"], "talkative: talkative-uk (talkative): the route names this connection\n"),
        (["support"], "support: talkative-uk (talkative): no case matches the context, so \"otherwise\" applies\n"),
        (
            ["support", "--context", "brand=acme", "--subject", "MARKER"],
            "support: dg-eu (dg): case 1 matches: brand is \"acme\"\n"
        ),
        (
            ["support", "--context", "brand=acme", "--output", "json"],
            #"{"route":"support","connection":"dg-eu","vendor":"dg","key":"dg","reason":"case","#
                + #""detail":"case 1 matches: brand is \"acme\""}"# + "\n"
        ),
    ])
    func explainTellsTheConnectionAndWhyWithoutLoadingKeys(arguments: [String], output: String) throws {
        let directory = try ScratchDirectory()
        try directory.write(Workplace.configuration, to: "signet.json")
        let outcome = try Signet.run(["explain"] + arguments, in: directory)
        #expect(outcome.status == 0)
        #expect(outcome.output == output)
        #expect(outcome.errors == "")
    }

    /// Names are compared while there are few of them.
    @Test(arguments: [(63, "signet: hint: did you mean \"dg\"?"), (64, nil)])
    func aWrongRouteHasAHintAmongFew(more: Int, hint: String?) throws {
        let others = (0..<more).map { ", \"shop-\($0)\": { \"connection\": \"dg-eu\" }" }.joined()
        let routes = "\"routes\": { \"dg\": { \"connection\": \"dg-eu\" }\(others) } }"
        let start = try #require(Workplace.configuration.range(of: "\"routes\""))
        let workplace = try Workplace(Workplace.configuration[..<start.lowerBound] + routes)
        let outcome = try workplace.signet("explain", "dgg")
        #expect(outcome.status == 2)
        #expect(outcome.notes == ["signet: error: no route \"dgg\""] + [hint].compactMap(\.self))
    }

    @Test func checkSaysWhatWorks() throws {
        let outcome = try Workplace().signet("check")
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
        #expect(
            outcome.output == """
                ok    key talkative            ES256, mode 0600
                ok    key pega                 HS256, mode 0600
                ok    key dg                   HS256, mode 0600
                ok    connection talkative-uk  talkative: signed and verified
                ok    connection pega-us       pega: signed and verified
                ok    connection dg-eu         dg: signed and verified

                """)
    }

    @Test func checkWarnsAndStillSucceeds() throws {
        let workplace = try Workplace(Workplace.configuration.replacing(#", "env": "eu", "widgetId": "w""#, with: ""))
        try workplace.directory.write(
            "bm90LWEtc2VjcmV0LWJ1dC1iYXNlNjQtb2Ytb25lIQ==\n", to: "keys/pega.secret", mode: 0o640)
        let outcome = try workplace.signet("check")
        #expect(outcome.status == 0)
        #expect(
            outcome.lines.filter { $0.hasPrefix("warn") } == [
                "warn  key pega                 HS256, mode 0640; the group may read the file; it is taken as utf8 and looks like base64: make sure the vendor means the characters",
                "warn  connection dg-eu         dg: signed and verified; \"widgetId\" and \"env\" left out: the page has to know it by itself",
            ])
    }

    @Test(arguments: [
        (
            "{", Int32(2),
            #"{"valid":false,"checks":[],"errors":[{"file":"signet.json","line":1,"column":2,"path":"","message":"a member name in double quotes is expected here"}],"warnings":[]}"#
        ),
        (
            "{}", 2,
            #"{"valid":false,"checks":[],"errors":[{"file":"signet.json","line":1,"column":1,"path":"keys","message":"it is required","hint":"The signing keys by their names."},{"file":"signet.json","line":1,"column":1,"path":"connections","message":"it is required","hint":"The accounts and widgets at the vendors."}],"warnings":[]}"#
        ),
        (
            #"{"keys":{"a":{"file":"b"}},"connections":{}}"#, 3,
            #"{"valid":false,"checks":[{"name":"key a","result":"fail","detail":"b: no such file"}],"errors":[{"file":"signet.json","line":1,"column":22,"path":"keys.a.file","message":"b: no such file"}],"warnings":[{"file":"signet.json","line":1,"column":14,"path":"keys.a","message":"nothing uses this key"}]}"#
        ),
    ])
    func checkAnswersProgramsAlsoForABrokenConfiguration(text: String, status: Int32, output: String) throws {
        let outcome = try Workplace(text).signet("check", "--output", "json")
        #expect(outcome.status == status)
        #expect(outcome.output == output + "\n")
        // What stands in the answer is not told a second time.
        #expect(outcome.errors == "")
    }

    @Test func checkTellsProgramsOfWarningsOnceToo() throws {
        let text = Workplace.configuration.replacing(
            #""dg": { "file""#, with: #""spare": { "env": "NOBODY", "encoding": "utf8" }, "dg": { "file""#)
        let outcome = try Workplace(text).signet("check", "--output", "json")
        #expect(outcome.errors == "")
        let json = try JSONReader.value(outcome.output.utf8)
        #expect(json["warnings"]?.array?.map { $0["path"] } == ["keys.spare"])
        #expect(json["errors"]?.array?.count == 1)
    }

    /// A key that is not there, one that cannot sign, and one that two vendors share.
    @Test(arguments: [
        (
            "keys/dg.secret", "keys/none", Int32(3),
            ["fail key dg keys/none: no such file", #"fail connection dg-eu key "dg" failed"#]
        ),
        (
            "keys/talkative.private.pem", "keys/talkative.public.pem", 2,
            ["fail key talkative ", #"fail connection talkative-uk key "talkative" failed"#]
        ),
        (
            "keys/dg.secret", "keys/../keys/pega.secret", 2,
            [#"fail key dg it is the same key as "pega", for dg and pega"#, #"fail connection dg-eu key "dg" failed"#]
        ),
    ])
    func aKeyThatFailsIsInTheListWithItsConnection(
        file: String, other: String, status: Int32, failed: [String]
    ) throws {
        let outcome = try Workplace(Workplace.configuration.replacing(file, with: other)).signet("check")
        #expect(outcome.status == status)
        let lines = outcome.lines.map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.count == 6)
        let found = lines.filter { $0.hasPrefix("fail") }
        #expect(found.count == failed.count)
        for (line, start) in zip(found, failed) { #expect(line.hasPrefix(start)) }
    }

    /// Names may have dots in them, and one may begin as another does.
    @Test func aFaultIsTheConnectionsOwn() throws {
        let text = Workplace.configuration
            .replacing(#""dg-eu": {"#, with: #""dg-eu.b": { "vendor": "dg", "key": "dg.b" }, "dg-eu": {"#)
            .replacing(
                #""dg": { "file""#,
                with: #""dg.b": { "env": "NOBODY", "encoding": "utf8", "kid": "k" }, "dg": { "file""#)
        let outcome = try Workplace(text).signet("check")
        #expect(
            outcome.lines.filter { $0.hasPrefix("fail") }.map { $0.split(separator: " ")[2] } == ["dg.b", "dg-eu.b"])
        #expect(outcome.lines.filter { $0.hasPrefix("ok") }.count == 6)
    }

    @Test func vendorsListsThemAndTheirOptions() throws {
        let all = try Workplace().signet("vendors")
        #expect(all.status == 0)
        #expect(
            all.lines.filter { !$0.hasPrefix(" ") && !$0.isEmpty }.map { $0.prefix { $0 != " " } } == [
                "pega", "talkative", "dg",
            ])
        let one = try Workplace().signet("vendors", "dg", "--output", "json")
        let json = try JSONReader.value(one.output.utf8)
        #expect(json.array?.count == 1)
        #expect(
            json.array?[0].members?.map(\.name) == [
                "name", "title", "summary", "algorithm", "kid", "keyOrigin", "options",
            ])
        #expect(
            json.array?[0]["options"]?.array?.compactMap { $0["name"]?.string } == [
                "widgetId", "env", "externalId", "tokenLifetime",
            ])
        #expect(try Workplace().signet("vendors", "dg").output.contains("tokenLifetime  (default: \"15m\")"))
    }

    @Test func theSchemaIsThePublishedOneByteForByte() throws {
        let published = try Fixtures.text("../docs/signet.schema.json")
        #expect(try Workplace().signet("vendors", "--schema").output == published)
    }

    @Test func theVersionIsThePackages() throws {
        let outcome = try Workplace().signet("--version")
        #expect(outcome.output == "signet \(SignetCommand.version)\n")
        #expect(outcome.status == 0)
    }
}
