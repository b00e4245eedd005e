import SignetKit
import SignetRouting
import SignetTestSupport
import Testing

/// One secret at two vendors, in files of different names and encodings. Loading finds it by its bytes.
@Suite struct KeySharingTests {
    private static let hint = "a key is for one vendor: with a shared key, each vendor could sign for the other"

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
    func keySharedByTwoVendorsIsRefusedAtLoading(other: String) throws {
        let folder = try Self.folder(other)
        let error = #expect(throws: ConfigurationError.self) { try folder.configuration().load() }
        #expect(error?.diagnostics.map(\.path) == ["keys.other"])
        #expect(error?.diagnostics.map(\.message) == ["it is the same key as \"dg\", for dg and pega"])
        #expect(error?.hint == Self.hint)
    }

    /// `sign` uses one connection. The keys of others are not loaded, and their commands are not run.
    @Test(arguments: copies + [#""exec":["sh","-c","echo run > DIR/marker"],"encoding":"utf8""#])
    func oneConnectionLoadsOnlyItsOwnKeys(other: String) throws {
        let folder = try Self.folder(other)
        let text = try folder.scratch.text("signet.json")
        try folder.scratch.write(text.replacing("DIR", with: folder.scratch.path("")), to: "signet.json", mode: 0o644)
        #expect(try folder.configuration().load(connection: "dg").name == "dg")
        #expect(throws: (any Error).self) { try folder.scratch.text("marker") }
    }

    @Test(arguments: copies)
    func digestKeySharedWithAConnectionIsRefused(other: String) throws {
        let folder = try Self.folder(other, digestKey: #""digestKey":"other","#)
        let all = #expect(throws: ConfigurationError.self) { try folder.configuration().load() }
        #expect(all?.diagnostics.map(\.message) == ["it is the same key as \"dg\", for Signet's own digests and dg"])
    }

    @Test func keySharedWithinOneVendorIsAccepted() throws {
        let folder = try KeyFolder(
            """
            { "keys": { "a": { "file": "a.pem" }, "b": { "file": "./a.pem" } },
              "connections": { "uk": { "vendor": "talkative", "key": "a" }, "us": { "vendor": "talkative", "key": "b" } } }
            """)
        try folder.privateKey("a.pem")
        #expect(try folder.configuration().load().connections.map(\.name) == ["uk", "us"])
    }

    @Test func keysOfTwoAlgorithmsDiffer() throws {
        let key = SigningKey.es256(try ES256PrivateKey.generate())
        #expect(key.isSameKey(as: key))
        #expect(!key.isSameKey(as: .es256(try ES256PrivateKey.generate())))
        #expect(!key.isSameKey(as: .hs256(try HS256Key.generate())))
    }
}
