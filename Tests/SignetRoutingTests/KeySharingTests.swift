import SignetKit
import SignetRouting
import SignetTestSupport
import Testing

/// One secret under two vendors, in files of different names and encodings: found by its bytes when keys are loaded.
@Suite struct KeySharingTests {
    private static let hint = "a key is for one vendor; what one of them knows must not sign for the other"

    private static func folder(_ other: String, digestKey: String = "") throws -> KeyFolder {
        let folder = try KeyFolder(
            Reading.text(
                top: digestKey, keys: Reading.dgKey + #","other":{\#(other)}"#,
                connections: Reading.dgConnection
                    + (digestKey.isEmpty
                        ? #","pega":{"vendor":"pega","region":"uk","widgetId":"w","key":"other"}"# : "")))
        try folder.secret("dg.secret", KeyFolder.secret("a") + "\n")
        try folder.secret("copy.secret", KeyFolder.secret("a"))
        try folder.secret("copy.hex", KeyFolder.secret("a").utf8.map { String($0, radix: 16) }.joined())
        return folder
    }

    private static let copies = [
        #""file":"copy.secret","encoding":"utf8""#, #""file":"./dg.secret","encoding":"utf8""#,
        #""file":"copy.hex","encoding":"hex""#,
    ]

    @Test(arguments: copies)
    func theSameBytesUnderTwoVendorsAreRefusedWhenEverythingIsLoaded(other: String) throws {
        let folder = try Self.folder(other)
        let error = #expect(throws: ConfigurationError.self) { try folder.configuration().load() }
        #expect(error?.diagnostics.map(\.path) == ["keys.other"])
        #expect(error?.diagnostics.map(\.message) == ["the same key as \"dg\", for dg and pega"])
        #expect(error?.hint == Self.hint)
    }

    /// `sign` is for one connection: what others have is not looked at, and a command of theirs is not run.
    @Test(arguments: copies + [#""exec":["sh","-c","echo run > DIR/marker"],"encoding":"utf8""#])
    func keysOfOthersAreNotLoadedForOneConnection(other: String) throws {
        let folder = try Self.folder(other)
        let text = try folder.scratch.text("signet.json")
        try folder.scratch.write(text.replacing("DIR", with: folder.scratch.path("")), to: "signet.json", mode: 0o644)
        #expect(try folder.configuration().load(connection: "dg").name == "dg")
        #expect(throws: (any Error).self) { try folder.scratch.text("marker") }
    }

    @Test(arguments: copies)
    func theDigestKeyIsNoConnectionsKey(other: String) throws {
        let folder = try Self.folder(other, digestKey: #""digestKey":"other","#)
        let all = #expect(throws: ConfigurationError.self) { try folder.configuration().load() }
        #expect(all?.diagnostics.map(\.message) == ["the same key as \"dg\", for Signet's own digests and dg"])
    }

    @Test func theSamePrivateKeyUnderTwoConnectionsOfOneVendorIsNoFault() throws {
        let folder = try KeyFolder(
            """
            { "keys": { "a": { "file": "a.pem" }, "b": { "file": "./a.pem" } },
              "connections": { "uk": { "vendor": "talkative", "key": "a" }, "us": { "vendor": "talkative", "key": "b" } } }
            """)
        try folder.privateKey("a.pem")
        #expect(try folder.configuration().load().connections.map(\.name) == ["uk", "us"])
    }

    @Test func keysOfTwoAlgorithmsAreNeverTheSame() throws {
        let key = SigningKey.es256(try ES256PrivateKey.generate())
        #expect(key.isSameKey(as: key))
        #expect(!key.isSameKey(as: .es256(try ES256PrivateKey.generate())))
        #expect(!key.isSameKey(as: .hs256(try HS256Key.generate())))
    }
}
