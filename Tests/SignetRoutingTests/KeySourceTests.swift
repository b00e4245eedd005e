import Foundation
import SignetIdentity
import SignetJOSE
import SignetKit
import SignetRouting
import SignetSystem
import SignetTestSupport
import Testing

/// Keys from systemd's credentials and from commands, in a configuration. Serialized: the tests share the environment.
@Suite(.serialized, .onThreads) struct KeySourceTests {
    private static func folder(_ source: String, more: String = "", connections: String = "") throws -> KeyFolder {
        let folder = try KeyFolder(
            Reading.text(
                keys: #""dg":{\#(source),"encoding":"utf8","kid":"live-1"}\#(more)"#,
                connections: Reading.dgConnection + connections))
        try folder.scratch.writeProgram("#!/bin/sh\necho '\(KeyFolder.secret("x"))'\n", to: "bin/secret")
        try folder.secret("credentials/dg", KeyFolder.secret("x") + "\n", mode: 0o440)
        return folder
    }

    /// A token for one customer at one moment. It differs between keys.
    private static func token(_ folder: KeyFolder) throws -> String {
        let connection = try folder.configuration().load(connection: "dg")
        let context = SigningContext(time: NumericDate(seconds: 1_800_000_000), requestID: "r")
        return try connection.sign(.customer(try Customer(subject: "1")), in: context).token.compact
    }

    @Test(arguments: [#""exec":["bin/secret"]"#, #""exec":["printf","%s\\n","\#(KeyFolder.secret("x"))"]"#])
    func commandGivesTheSameKeyAsAFile(source: String) throws {
        let reference = try Self.folder(#""file":"credentials/dg""#)
        #expect(try Self.token(try Self.folder(source)) == Self.token(reference))
    }

    @Test func credentialGivesTheSameKeyAsAFile() throws {
        let folder = try Self.folder(#""credential":"dg""#)
        setenv("CREDENTIALS_DIRECTORY", folder.scratch.path("credentials"), 1)
        defer { unsetenv("CREDENTIALS_DIRECTORY") }
        #expect(try Self.token(folder) == Self.token(try Self.folder(#""file":"credentials/dg""#)))
        // systemd chose its mode, so it is not checked.
        #expect(try folder.configuration().loadAll().keys.map(\.status) == [nil])
    }

    @Test func commandMayGiveAPrivateKey() throws {
        let folder = try KeyFolder(
            #"{"keys":{"t":{"exec":["cat","\#("DIR")/t.pem"]}},"connections":{"t":{"vendor":"talkative","key":"t"}}}"#)
        let text = try folder.scratch.text("signet.json").replacing("DIR", with: folder.scratch.root)
        try folder.scratch.write(text, to: "signet.json")
        try folder.privateKey("t.pem")
        #expect(try folder.configuration().load().connections.map(\.name) == ["t"])
    }

    @Test(arguments: ["", "nowhere"])
    func missingCredentialIsExternal(folder name: String) throws {
        let folder = try Self.folder(#""credential":"dg""#)
        if name.isEmpty {
            unsetenv("CREDENTIALS_DIRECTORY")
        } else {
            setenv("CREDENTIALS_DIRECTORY", folder.scratch.path(name), 1)
        }
        defer { unsetenv("CREDENTIALS_DIRECTORY") }
        let error = #expect(throws: ConfigurationError.self) { try folder.configuration().load() }
        #expect(error?.isExternal == true)
        #expect(error?.diagnostics.map(\.path) == ["keys.dg.credential"])
        #expect(
            error?.diagnostics.map(\.message) == [
                name.isEmpty
                    ? "there are no credentials here: $CREDENTIALS_DIRECTORY is not set"
                    : "\(folder.scratch.path(name))/dg: no such file"
            ])
    }

    @Test func credentialReadableByOthersIsRefused() throws {
        let folder = try Self.folder(#""credential":"dg""#)
        try folder.secret("credentials/dg", mode: 0o444)
        setenv("CREDENTIALS_DIRECTORY", folder.scratch.path("credentials"), 1)
        defer { unsetenv("CREDENTIALS_DIRECTORY") }
        let error = #expect(throws: ConfigurationError.self) { try folder.configuration().load() }
        #expect(error?.reason.contains("its mode 0444 lets others read or write it") == true)
    }

    @Test func failedCommandIsExternalAndHidesItsArguments() throws {
        let folder = try Self.folder(#""exec":["sh","-c","echo MARKER >&2; exit 3","MARKER"]"#)
        let error = #expect(throws: ConfigurationError.self) { try folder.configuration().load() }
        #expect(error?.isExternal == true)
        #expect(
            folder.lines(error?.diagnostics ?? []) == """
                DIR/signet.json:1:23: error: keys.dg.exec: "sh" ended with status 3
                hint: run it by hand: its stderr is dropped, because it may hold secrets

                """)
    }

    @Test(arguments: [#""exec":["bin/secret"]"#, #""credential":"dg""#])
    func keySharedByTwoVendorsIsRefused(source: String) throws {
        let folder = try Self.folder(
            source, more: #","pega":{"file":"pega.secret","encoding":"utf8"}"#,
            connections: #","pega":{"vendor":"pega","region":"uk","widgetId":"w","key":"pega"}"#)
        try folder.secret("pega.secret", KeyFolder.secret("x"))
        setenv("CREDENTIALS_DIRECTORY", folder.scratch.path("credentials"), 1)
        defer { unsetenv("CREDENTIALS_DIRECTORY") }
        let error = #expect(throws: ConfigurationError.self) { try folder.configuration().load() }
        #expect(error?.diagnostics.map(\.message) == ["it is the same key as \"dg\", for dg and pega"])
    }
}
