import SignetJOSE
import SignetTestSupport
import Testing

@Suite struct CheckTests {
    @Test func checkShowsWhatWorks() throws {
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

    @Test func checkSucceedsWithWarnings() throws {
        let workplace = try Workplace(Workplace.configuration.replacing(#", "env": "eu", "widgetId": "w""#, with: ""))
        try workplace.directory.write(
            "bm90LWEtc2VjcmV0LWJ1dC1iYXNlNjQtb2Ytb25lIQ==\n", to: "keys/pega.secret", mode: 0o640)
        let outcome = try workplace.signet("check")
        #expect(outcome.status == 0)
        #expect(
            outcome.lines.filter { $0.hasPrefix("warn") } == [
                "warn  key pega                 HS256, mode 0640; the file's group may read it; decoded as utf8, but looks like base64: check which encoding the vendor means",
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
    func checkPrintsJSONForABrokenConfiguration(text: String, status: Int32, output: String) throws {
        let outcome = try Workplace(text).signet("check", "--output", "json")
        #expect(outcome.status == status)
        #expect(outcome.output == output + "\n")
        // What stands in the answer is not told a second time.
        #expect(outcome.errors == "")
    }

    @Test func checkPrintsWarningsOnceInJSON() throws {
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
    func failedKeyIsListedWithItsConnection(
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
    @Test func faultIsReportedForItsOwnConnection() throws {
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
}

/// What `init` made up and nobody has replaced is told by `check` and `serve`.
@Suite struct PlaceholderTests {
    private static let advice = "put the vendor's own into its place"

    @Test func checkWarnsOfEveryPlaceholderOfInit() throws {
        let directory = try ScratchDirectory()
        #expect(try Signet.run(["init"], in: directory).status == 0)
        let check = try Signet.run(["check"], in: directory)
        #expect(check.status == 0)
        #expect(check.errors == "")
        #expect(
            check.lines == [
                "ok    key log-digest           HS256, mode 0600",
                "ok    key talkative            ES256, mode 0600",
                "warn  key pega                 HS256, mode 0600; the secret is a placeholder: \(Self.advice)",
                "warn  key dg                   HS256, mode 0600; the secret is a placeholder: \(Self.advice); \"kid\" is a placeholder: \(Self.advice)",
                "warn  connection talkative-eu  talkative: signed and verified; \"widgetId\" is a placeholder: \(Self.advice)",
                "warn  connection pega-us       pega: signed and verified; \"widgetId\" is a placeholder: \(Self.advice)",
                "warn  connection dg-eu         dg: signed and verified; \"widgetId\" is a placeholder: \(Self.advice)",
            ])
    }

    @Test func otherPlaceholdersRemainAfterTheSecretsAreReplaced() throws {
        let directory = try ScratchDirectory()
        #expect(try Signet.run(["init"], in: directory).status == 0)
        for name in ["pega", "dg"] {
            try directory.write("a secret of \(name) with 32 characters", to: "keys/\(name).secret", mode: 0o600)
        }
        let warned = try Signet.run(["check"], in: directory).lines.filter { $0.hasPrefix("warn") }
        #expect(warned.count == 4)
        #expect(warned.allSatisfy { $0.contains("\" is a placeholder: ") })
        // With everything in its place nothing is left to tell.
        let text = try directory.text("signet.json")
            .replacing("00000000-0000-4000-8000", with: "4d88d63c-b3d9-49ee-8f77")
            .replacing("dg_api_key", with: "dg_live_1")
        try directory.write(text, to: "signet.json")
        let check = try Signet.run(["check"], in: directory)
        #expect(check.lines.count == 7)
        #expect(check.lines.allSatisfy { $0.hasPrefix("ok ") })
    }

    private static func configuration(_ directory: ScratchDirectory, keys: String, widgetID: String) -> String {
        RunningGateway.configuration(directory, keyID: "dg_api_key")
            .replacing(#""key": "dg""#, with: keys)
            .replacing(#""widgetId": "w""#, with: #""widgetId": "\#(widgetID)""#)
            .replacing(
                #""keys": {"#,
                with: #""keys": { "next": { "file": "keys/next.secret", "encoding": "utf8", "kid": "two" },"#)
    }

    @Test func serveWarnsOnceOfEachPlaceholderInUse() throws {
        let gateway = try RunningGateway { directory in
            try directory.write("stand-in: of more than 32 characters, made up", to: "keys/next.secret", mode: 0o600)
            // A placeholder secret beside the vendor's own signs nothing.
            return Self.configuration(
                directory, keys: #""keys": ["dg", "next"]"#, widgetID: "00000000-0000-4000-8000-000000000003")
        }
        gateway.signal(15)
        _ = try gateway.event("stopped")
        let warnings = gateway.log.filter { $0["event"] as? String == "config-warning" }
            .compactMap { $0["message"] as? String }
        #expect(warnings.count == 2)
        #expect(
            warnings.first?.hasSuffix("warning: keys.dg.kid: \"kid\" is a placeholder; hint: \(Self.advice)") == true)
        #expect(
            warnings.last?.hasSuffix(
                "warning: connections.dg-eu.widgetId: \"widgetId\" is a placeholder; hint: \(Self.advice)") == true)
    }

    @Test func serveWarnsOfAPlaceholderSecretThatSigns() throws {
        let gateway = try RunningGateway { directory in
            try directory.write("stand-in: of more than 32 characters, made up", to: "keys/next.secret", mode: 0o600)
            return Self.configuration(directory, keys: #""key": "next""#, widgetID: "w")
        }
        gateway.signal(15)
        _ = try gateway.event("stopped")
        let warnings = gateway.log.filter { $0["event"] as? String == "config-warning" }
            .compactMap { $0["message"] as? String }
        #expect(warnings.filter { $0.contains("placeholder") }.count == 1)
        #expect(warnings.contains { $0.contains("keys.next: the secret is a placeholder") })
    }
}
