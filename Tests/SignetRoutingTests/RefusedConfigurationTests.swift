import SignetConfiguration
import SignetJOSE
import SignetRouting
import SignetTestSupport
import Testing

/// Each file of Fixtures/config/refused has its expected diagnostics next to it, with file, line, column, path and hint.
@Suite struct RefusedConfigurationTests {
    @Test(arguments: Fixtures.names(in: "config/refused", endings: [".json", ".jsonc"]))
    func brokenConfigurationsBringExactlyTheseDiagnostics(name: String) throws {
        let found = Reading.diagnostics(try Fixtures.bytes("config/refused/\(name)"), file: name)
        #expect(found.contains { $0.severity == .error })
        let actual = Reading.lines(found)
        let file = "config/refused/" + name.prefix { $0 != "." } + ".expected"
        #expect(try Snapshot.expected(file, actual: actual) == actual)
    }

    @Test(arguments: Fixtures.names(in: "config/refused", endings: [".json", ".jsonc"]))
    func faultsAreInFileOrder(name: String) throws {
        let found = Reading.diagnostics(try Fixtures.bytes("config/refused/\(name)"), file: name)
        let places = found.map { $0.position?.offset ?? 0 }
        #expect(places == places.sorted())
    }

    @Test(
        arguments: Fixtures.names(in: "config/refused", endings: [".json", ".jsonc"]).filter { $0.hasPrefix("syntax") })
    func syntaxErrorIsReportedAlone(name: String) throws {
        #expect(Reading.diagnostics(try Fixtures.bytes("config/refused/\(name)"), file: name).count == 1)
    }

    /// Control characters in a quoted value or name are escaped.
    @Test(arguments: [
        ("\u{7F}", "007f"), ("\u{9B}", "009b"), ("\u{202E}", "202e"), ("\u{200B}", "200b"), ("\u{2028}", "2028"),
        ("\u{E0041}", "db40\\udc41"),
    ])
    func controlCharactersAreEscaped(character: String, escape: String) {
        let text = """
            { "listen": "l\(character)calhost", "admin": { "listen": "l\(character)calhost" }, "dr\(character)ain": "15s",
              "drainDelay": "1\(character)s", "digestKey": "a\(character)",
              "keys": { "k\(character)": { "file": "f" }, "k": { "file": "f", "encoding": "utf\(character)8" } },
              "connections": { "a": { "vendor": "p\(character)ega", "key": "k" },
                "b": { "vendor": "talkative", "region": "e\(character)u", "key": "n\(character)one" } },
              "routes": { "r": { "connection": "a\(character)" } } }
            """
        let found = Reading.diagnostics(Array(text.utf8), file: "signet.json")
        #expect(found.count > 5)
        let lines = Reading.lines(found)
        #expect(!lines.contains(character))
        #expect(lines.contains("l\\u\(escape)calhost"))
        #expect(lines.contains("dr\\u\(escape)ain"))
    }

    @Test func allOtherFaultsAreReportedTogether() throws {
        let name = "everything-at-once.json"
        let found = Reading.diagnostics(try Fixtures.bytes("config/refused/\(name)"), file: name)
        #expect(
            found.map(\.path) == [
                "routes.uk-store.connection", "listen", "connections.dg-eu.tokenLifetime", "connections.pega-us.key",
                "drian", "keys.dg-eu.encoding",
            ])
    }

    @Test func misplacedSecretIsNotRepeated() throws {
        let text = Reading.text(
            top: #""callers":[{"name":"a","tokenSha256":["signet_S3CR3T"],"routes":["*"]}],"#,
            keys: #""dg":{"env":"S3CR3T-secret","encoding":"utf8","kid":"x"}"#)
        let lines = Reading.lines(Reading.diagnostics(Array(text.utf8), file: "signet.json"))
        #expect(lines.contains("callers[0].tokenSha256[0]: this is not a SHA-256 digest"))
        #expect(lines.contains("keys.dg.env: this is not the name of an environment variable"))
        #expect(!lines.contains("S3CR3T"))
    }
}
