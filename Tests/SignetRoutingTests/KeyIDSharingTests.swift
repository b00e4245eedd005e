import Foundation
import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem
import SignetTestSupport
import Testing

/// Two keys of one `kid`, where a verifier chooses keys by it.
@Suite struct KeyIDSharingTests {
    private static let hint =
        "give each key a \"kid\" of its own; if both are the same key, let the connections name one entry"

    private static func faults(keys: String, connections: String) -> [String] {
        let text = Reading.text(keys: keys, connections: connections)
        return Reading.diagnostics(Array(text.utf8), file: "signet.json").filter { $0.severity == .error }.map {
            "\($0.path): \($0.message); \($0.hint ?? "no hint")"
        }
    }

    private static let talkative = #""a":{"file":"a.pem","kid":"k"},"b":{"file":"b.pem","kid":"k"}"#
    private static let dg =
        #""a":{"file":"a","encoding":"utf8","kid":"k"},"b":{"file":"b","encoding":"utf8","kid":"k"}"#

    @Test(arguments: [talkative, dg], [#"["a","b"]"#, #"["b","a"]"#])
    func sharedKeyIDInAConnectionIsRefused(keys: String, order: String) {
        let vendor = keys == Self.dg ? "dg" : "talkative"
        #expect(
            Self.faults(keys: keys, connections: #""uk":{"vendor":"\#(vendor)","keys":\#(order)}"#)
                == [#"keys.b.kid: it has the "kid" of key "a", and connection "uk" has both; "# + Self.hint])
    }

    @Test func sharedKeyIDOfPublishedKeysIsRefused() {
        #expect(
            Self.faults(
                keys: Self.talkative,
                connections: #""uk":{"vendor":"talkative","key":"a"},"us":{"vendor":"talkative","key":"b"}"#)
                == [#"keys.b.kid: it has the "kid" of key "a", and both are published; "# + Self.hint])
    }

    @Test func everyLaterKeyIsReported() {
        let keys = Self.talkative + #","c":{"file":"c.pem","kid":"k"}"#
        #expect(
            Self.faults(keys: keys, connections: #""uk":{"vendor":"talkative","keys":["a","b","c"]}"#).map {
                $0.prefix(10)
            } == ["keys.b.kid", "keys.c.kid"])
    }

    /// Secrets are not published, and neither is a key without a connection. A `kid` is compared byte for byte.
    @Test(arguments: [
        (dg, #""uk":{"vendor":"dg","key":"a"},"us":{"vendor":"dg","key":"b"}"#),
        (talkative, #""uk":{"vendor":"talkative","key":"a"}"#),
        (
            #""a":{"file":"a.pem"},"b":{"file":"b.pem"}"#,
            #""uk":{"vendor":"talkative","keys":["a","b"]}"#
        ),
        (
            #""a":{"file":"a.pem","kid":"\u00e9"},"b":{"file":"b.pem","kid":"e\u0301"}"#,
            #""uk":{"vendor":"talkative","keys":["a","b"]}"#
        ),
        (talkative, #""uk":{"vendor":"talkative","key":"a"},"us":{"vendor":"talkative","key":"a"}"#),
    ])
    func sharedKeyIDElsewhereIsAccepted(keys: String, connections: String) {
        #expect(Self.faults(keys: keys, connections: connections) == [])
    }

    // MARK: From a JWK

    private static func folder(_ keys: String, _ connections: String) throws -> KeyFolder {
        let folder = try KeyFolder(Reading.text(keys: keys, connections: connections))
        for name in ["a.jwk", "b.jwk"] {
            let jwk = try ES256PrivateKey.generate(keyID: "k").jwk()
            try folder.scratch.write(jwk.withUnsafeBytes(Array.init), to: name)
        }
        return folder
    }

    private static let twoConnections =
        #""uk":{"vendor":"talkative","key":"a"},"us":{"vendor":"talkative","key":"b"}"#

    @Test(arguments: [
        #""a":{"file":"a.jwk"},"b":{"file":"b.jwk"}"#, #""a":{"file":"a.jwk","kid":"k"},"b":{"file":"b.jwk"}"#,
        #""a":{"file":"a.jwk"},"b":{"file":"b.jwk","kid":"k"}"#,
    ])
    func keyIDOfAJWKCounts(keys: String) throws {
        let one = try Self.folder(keys, #""uk":{"vendor":"talkative","keys":["a","b"]}"#)
        let message = #"it has the "kid" of key "a", and "#
        let all = #expect(throws: ConfigurationError.self) { try one.configuration().load() }
        #expect(all?.diagnostics.map(\.path) == ["keys.b"])
        #expect(all?.diagnostics.map(\.message) == [message + #"connection "uk" has both"#])
        #expect(all?.hint == Self.hint)
        let single = #expect(throws: ConfigurationError.self) { try one.configuration().load(connection: "uk") }
        #expect(single?.diagnostics.map(\.message) == [message + #"connection "uk" has both"#])
        let two = try Self.folder(keys, Self.twoConnections)
        let published = #expect(throws: ConfigurationError.self) { try two.configuration().load() }
        #expect(published?.diagnostics.map(\.message) == [message + "both are published"])
    }

    @Test func configuredKeyIDReplacesTheOneOfAJWK() throws {
        let folder = try Self.folder(#""a":{"file":"a.jwk","kid":"x"},"b":{"file":"b.jwk"}"#, Self.twoConnections)
        #expect(try folder.configuration().load().connections.map(\.name) == ["uk", "us"])
    }
}
