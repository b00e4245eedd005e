import Foundation
import SignetJOSE
import SignetTestSupport
import Testing

@Suite struct InspectTests {
    @Test func inspectShowsATokenWithoutVerifyingIt() throws {
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

    @Test func inspectOfAValidTokenHasStatusZero() throws {
        let workplace = try Workplace()
        let token = try workplace.signet("sign", "dg", "--subject", "1").output
        let outcome = try workplace.signet(["inspect", "-", "--output=json"], input: token)
        #expect(outcome.status == 0)
        let json = try JSONReader.value(outcome.output.utf8)
        #expect(json["verified"] == false)
        #expect(json["problems"] == [])
        #expect(json["header"]?["kid"] == "dg_live_1")
    }

    @Test func tokenCannotSteerTheTerminal() throws {
        let payload = Base64URL.encode(Array("[\"\u{9B}31m\u{7F}\"]".utf8))
        let outcome = try Workplace().signet("inspect", "eyJhbGciOiJIUzI1NiJ9.\(payload).AA")
        #expect(outcome.output.contains(#""\u009b31m\u007f""#))
        #expect(!outcome.output.unicodeScalars.contains { $0.value == 0x9B || $0.value == 0x7F })
    }

    // MARK: Times

    private static func times(_ payload: String) throws -> JSONValue? {
        let token = "eyJhbGciOiJIUzI1NiJ9.\(Base64URL.encode(Array(payload.utf8))).AA"
        let outcome = try Workplace().signet("inspect", token)
        return try JSONReader.value(outcome.output.utf8)["times"]
    }

    private static let now = Int64(Date().timeIntervalSince1970)

    /// Each some way within its unit, so that a busy machine changes nothing.
    private static let relations: [(claim: String, distance: Int64, words: String)] = [
        ("exp", -5 * 60 + 20, "expired 4 minutes ago"), ("exp", -86_400 - 7200, "expired 1 day ago"),
        ("exp", 5 * 3600 + 1800, "expires in 5 hours"), ("iat", -3 * 3600 - 1800, "3 hours ago"),
        ("iat", 90 * 60, "in the future, in 1 hour"), ("nbf", -10 * 86_400 - 7200, "valid since 10 days ago"),
        ("nbf", 3 * 86_400 + 7200, "not valid yet, valid in 3 days"),
    ]

    @Test(arguments: relations)
    func timeIsExplainedInWords(claim: String, distance: Int64, words: String) throws {
        let seconds = Int64(Date().timeIntervalSince1970) + distance
        let text = try #require(try Self.times(#"{"\#(claim)":\#(seconds)}"#)?[claim]?.string)
        #expect(text.hasSuffix("Z, \(words)"), "\(text)")
        #expect(text.prefix(2) == "20")
    }

    @Test(arguments: [
        (#"{"exp":1700000000}"#, "exp", "2023-11-14T22:13:20Z, expired "),
        (#"{"exp":1700000000.75}"#, "exp", "2023-11-14T22:13:20Z, expired "),
        (#"{"exp":0}"#, "exp", "1970-01-01T00:00:00Z, expired "),
        (
            #"{"exp":1700000000000}"#, "exp",
            "in milliseconds (2023-11-14T22:13:20Z), but a token's times are in seconds"
        ),
        (#"{"iat":4133980800}"#, "iat", "after the year 2100"),
        (#"{"iat":4133980799}"#, "iat", "2100-12-31T23:59:59Z, in the future, "),
        (#"{"nbf":1e9}"#, "nbf", "2001-09-09T01:46:40Z, valid since "),
        (#"{"nbf":-1}"#, "nbf", "not a valid time"),
    ])
    func everyNumberIsExplained(payload: String, claim: String, words: String) throws {
        #expect(try Self.times(payload)?[claim]?.string?.hasPrefix(words) == true)
    }

    @Test(arguments: [#"{"exp":"1700000000"}"#, "{}", "[1]", "7"])
    func payloadWithoutTimesHasNoExplanation(payload: String) throws {
        #expect(try Self.times(payload) == nil)
    }
}
