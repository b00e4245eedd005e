import SignetTestSupport
import Testing

/// What `init` made up and nobody has replaced is told by `check` and `serve`.
@Suite struct PlaceholderTests {
    private static let advice = "put the vendor's own into its place"

    @Test func checkWarnsOfEveryPlaceholderThatInitLeaves() throws {
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

    @Test func theVendorsSecretsAloneLeaveTheOtherPlaceholders() throws {
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
