import Foundation
import SignetIdentity
import SignetJOSE
import SignetKit
import SignetPega
import SignetRouting
import SignetTestSupport
import Testing

@Suite struct AcceptedConfigurationTests {
    @Test(arguments: Fixtures.names(in: "config/accepted", endings: [".json", ".jsonc"]))
    func configurationsAreAcceptedWithExactlyTheseWarnings(name: String) throws {
        let configuration = try Configuration.read(Fixtures.path("config/accepted/\(name)"), plugins: .builtIn)
        let actual = Reading.lines(configuration.warnings)
            .replacingOccurrences(of: Fixtures.path("config/accepted/"), with: "")
        #expect(configuration.warnings.allSatisfy { $0.severity == .warning })
        let file = "config/accepted/" + name.prefix { $0 != "." } + ".expected"
        #expect(try Snapshot.expected(file, actual: actual) == actual)
    }

    @Test func exampleIsReadCompletely() throws {
        let configuration = try Configuration.read(
            Fixtures.path("config/accepted/example.jsonc"), plugins: .builtIn)
        #expect(configuration.keys.map(\.name) == ["talkative-uk-2026", "pega-us", "dg-eu", "log-digest"])
        #expect(configuration.keys.map(\.algorithm) == [.es256, .hs256, .hs256, .hs256])
        #expect(configuration.keys.map(\.encoding) == [nil, .utf8, .utf8, .base64url])
        #expect(configuration.keys.map(\.keyID) == [nil, nil, "dg_live_1", nil])
        #expect(configuration.keys[1].origin == .environment("SIGNET_TEST_PEGA_SECRET"))
        let directory = Fixtures.path("config/accepted")
        #expect(configuration.keys[2].origin == .file("\(directory)/keys/dg-eu.secret"))
        #expect(configuration.connections.map(\.name) == ["pega-us", "talkative-uk", "dg-eu"])
        #expect(configuration.connections.map(\.vendor) == ["pega", "talkative", "dg"])
        #expect(configuration.connections.map(\.keys) == [["pega-us"], ["talkative-uk-2026"], ["dg-eu"]])
        #expect(configuration.routes.routes.map(\.name) == ["uk-store", "support", "help"])
        #expect(configuration.digestKey == "log-digest")
    }

    @Test(arguments: [
        ("signet.json", "keys/a", "keys/a"), ("./signet.json", "keys/a", "keys/a"),
        ("/etc/signet/signet.json", "a", "/etc/signet/a"), ("/signet.json", "a", "//a"),
        ("conf/signet.json", "../a", "conf/../a"), ("conf/signet.json", "/run/a", "/run/a"),
        ("signet.json", "-", "./-"), ("-", "keys/a", "keys/a"),
    ])
    func relativePathStartsAtTheConfiguration(file: String, written: String, resolved: String) throws {
        let keys = #""dg":{"file":"\#(written)","encoding":"utf8","kid":"x"}"#
        let configuration = try Reading.configuration(Reading.text(keys: keys), file: file)
        #expect(configuration.keys[0].origin == .file(resolved))
    }

    @Test(arguments: [
        ("/etc/signet/signet.json", "unix:./signet.sock", "/etc/signet/./signet.sock"),
        ("conf/signet.json", "unix:signet.sock", "conf/signet.sock"),
        ("signet.json", "unix:signet.sock", "signet.sock"),
        ("/etc/signet/signet.json", "unix:/run/signet.sock", "/run/signet.sock"),
    ])
    func relativeSocketPathStartsAtTheConfiguration(file: String, written: String, resolved: String) throws {
        let top = #""listen":"\#(written)","admin":{"listen":"\#(written).admin"},"#
        let configuration = try Reading.configuration(Reading.text(top: top), file: file)
        #expect(configuration.gateway.listen == .unix(path: resolved))
        #expect(configuration.gateway.adminListen == .unix(path: resolved + ".admin"))
    }

    @Test func missingConfigurationIsExternalWithHint() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.read("/nowhere/signet.json", plugins: .builtIn)
        }
        #expect(error?.isExternal == true)
        #expect(error?.reason.contains("/nowhere/signet.json: no such file") == true)
        #expect(error?.hint == "signet init makes one; -c FILE or $SIGNET_CONFIG names one")
    }

    @Test func unknownVendorIsRefused() throws {
        let text = Reading.text()
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.read(Array(text.utf8), file: "signet.json", plugins: [PegaPlugin.self])
        }
        #expect(error?.diagnostics.map(\.message) == ["\"dg\" is not one of pega"])
    }
}
