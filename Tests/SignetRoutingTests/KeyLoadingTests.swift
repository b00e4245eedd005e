import Foundation
import SignetIdentity
import SignetJOSE
import SignetKit
import SignetRouting
import Testing

@Suite struct KeyLoadingTests {
    @Test func exampleLoadsAndEveryConnectionSigns() throws {
        let folder = try KeyFolder(try Self.exampleText())
        try folder.privateKey("keys/talkative-uk-2026.private.pem")
        try folder.secret("keys/dg-eu.secret", KeyFolder.secret("d"))
        try folder.secret("keys/log-digest.secret", "SDZGiDgEZ8B0ohAHk2TEeaUN7Xz_MW9uT9d5r8o4lAs\n")
        setenv("SIGNET_TEST_PEGA_SECRET", KeyFolder.secret("p"), 1)
        let router = try folder.configuration().load()
        #expect(router.connections.map(\.name) == ["pega-us", "talkative-uk", "dg-eu"])
        for connection in router.connections {
            let session: SessionPurpose? = connection.needsSession ? .create : nil
            let customer = try Customer(subject: "12345")
            let signed = try connection.sign(
                .customer(customer), in: SigningContext(route: "x", session: session))
            let report = connection.verify(signed.token.compact, in: VerificationContext(session: session))
            #expect(report.isValid, "\(connection.name)")
        }
    }

    private static func exampleText() throws -> String {
        try String(contentsOf: Reading.exampleURL, encoding: .utf8)
    }

    @Test(arguments: [
        ("", "", "DIR/signet.json:1:29: error: keys.dg: the secret is empty\n"),
        (
            "short", "",
            """
            DIR/signet.json:1:29: error: keys.dg: the secret has 5 bytes; HS256 needs at least 32
            hint: if the vendor's secrets are this short, set "allowShortSecret": true

            """
        ),
        ("short", #","allowShortSecret":true"#, ""),
        (KeyFolder.secret("a") + "\r\n", "", ""),
        (
            KeyFolder.secret("a") + "\n\n", "",
            """
            DIR/signet.json:1:29: error: keys.dg: the secret starts or ends with a line break
            hint: only one final line end is dropped; remove the rest, which would become part of the secret

            """
        ),
    ])
    func invalidSecretIsReportedAtItsEntry(secret: String, members: String, lines: String) throws {
        let key = #""dg":{"file":"dg.secret","encoding":"utf8","kid":"x"\#(members)}"#
        let folder = try KeyFolder("{\"drain\":\"15s\",\"keys\":{\(key)},\"connections\":{\(Reading.dgConnection)}}")
        try folder.secret("dg.secret", secret)
        let found = try folder.configuration().loadAll().errors
        #expect(folder.lines(found) == lines)
    }

    @Test func keyReadableByOthersIsExternalWithHint() throws {
        let folder = try KeyFolder(Reading.text())
        try folder.secret("dg.secret", mode: 0o604)
        let error = #expect(throws: ConfigurationError.self) { try folder.configuration().load() }
        #expect(error?.isExternal == true)
        #expect(
            folder.lines(error?.diagnostics ?? []) == """
                DIR/signet.json:1:23: error: keys.dg.file: DIR/dg.secret holds a secret and its mode 0604 lets others read or \
                write it
                hint: chmod 600 DIR/dg.secret (Kubernetes: defaultMode: 0440 with fsGroup)

                """)
    }

    @Test func unsetVariableIsExternal() throws {
        let keys = #""dg":{"env":"SIGNET_TEST_NEVER_SET","encoding":"utf8","kid":"x"}"#
        let error = #expect(throws: ConfigurationError.self) {
            try Reading.configuration(Reading.text(keys: keys)).load()
        }
        #expect(error?.isExternal == true)
        #expect(error?.diagnostics.map(\.path) == ["keys.dg.env"])
        #expect(
            error?.diagnostics.map(\.message) == ["the environment variable SIGNET_TEST_NEVER_SET is not set"])
        #expect(error?.hint == "export it, or use \"file\"")
    }

    @Test func loadingReportsAllFaultsInFileOrder() throws {
        let folder = try KeyFolder(
            """
            { "connections": { "dg": { "vendor": "dg", "key": "c" } },
              "keys": { "a": { "file": "missing", "encoding": "utf8" },
                        "b": { "file": "same", "encoding": "utf8" },
                        "c": { "file": "again", "encoding": "utf8", "kid": "x" } },
              "digestKey": "b" }
            """)
        try folder.secret("same")
        try folder.secret("again")
        let found = try folder.configuration().loadAll().errors
        #expect(found.map(\.path) == ["keys.a.file", "keys.c"])
        #expect(found.map(\.position?.line) == [2, 4])
        #expect(found.last?.message == "it is the same key as \"b\", for Signet's own digests and dg")
    }

    @Test func brokenKeyOfAnotherConnectionIsIgnored() throws {
        let folder = try KeyFolder(
            Reading.text(
                keys: Reading.dgKey + #","pega":{"file":"missing","encoding":"utf8"},"none":{"exec":["./none"]}"#,
                connections: Reading.dgConnection
                    + #","pega":{"vendor":"pega","region":"uk","widgetId":"w","key":"pega"}"#))
        try folder.secret("dg.secret")
        let configuration = try folder.configuration()
        #expect(try configuration.load(connection: "dg").name == "dg")
        let error = #expect(throws: ConfigurationError.self) { try configuration.load() }
        #expect(error?.diagnostics.map(\.path) == ["keys.pega.file", "keys.none.exec"])
    }

    @Test func unknownConnectionIsNotLoaded() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try Reading.configuration(Reading.text()).load(connection: "dh")
        }
        #expect(error?.diagnostics.map(\.message) == ["no connection \"dh\""])
    }
}
