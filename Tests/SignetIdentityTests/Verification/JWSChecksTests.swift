import SignetIdentity
import SignetJOSE
import SignetTestSupport
import Testing

/// The checks that all vendors share: each fault fails its own check, and no check follows.
@Suite struct JWSChecksTests {
    private static let order = ["serialization", "header", "algorithm", "key-id", "signature", "payload"]

    struct Case: Sendable, CustomTestStringConvertible {
        let title: String
        let failing: String
        /// Makes the token of a key, `marker` in its payload.
        let token: @Sendable (HS256Key) throws -> String

        var testDescription: String { title }
    }

    /// A token under any header, signed by the key.
    private static func signed(_ header: String, _ key: HS256Key, _ payload: String = #"{"sub":"marker"}"#) -> String {
        let input = [header, payload].map { Base64URL.encode(Array($0.utf8)) }.joined(separator: ".")
        let code = [UInt8](unsafeUninitializedCapacity: HS256Key.macLength) { memory, count in
            let done = Array(input.utf8).withUnsafeBytes { bytes in
                memory.baseAddress.map { key.authenticate(bytes, into: $0) } ?? false
            }
            count = done ? HS256Key.macLength : 0
        }
        return "\(input).\(Base64URL.encode(code))"
    }

    static let cases: [Case] = [
        Case(title: "nothing", failing: "serialization") { _ in "" },
        Case(title: "two segments", failing: "serialization") { _ in "a.b" },
        Case(title: "padding", failing: "serialization") { signed(#"{"alg":"HS256"}"#, $0) + "=" },
        Case(title: "16 KiB and a byte", failing: "serialization") { _ in String(repeating: "a", count: 16_385) },
        Case(title: "a header that is a list", failing: "header") { signed("[]", $0) },
        Case(title: "a header that is no JSON", failing: "header") { signed("alg", $0) },
        Case(title: "alg twice", failing: "header") { signed(#"{"alg":"HS256","alg":"HS256"}"#, $0) },
        Case(title: "another member twice", failing: "header") { signed(#"{"marker":1,"marker":2}"#, $0) },
        Case(title: "crit", failing: "header") { signed(#"{"alg":"HS256","crit":["x"]}"#, $0) },
        Case(title: "b64", failing: "header") { signed(#"{"alg":"HS256","b64":false}"#, $0) },
        Case(title: "jwk", failing: "header") { signed(#"{"alg":"HS256","jwk":{}}"#, $0) },
        Case(title: "jku", failing: "header") { signed(#"{"alg":"HS256","jku":"https://marker"}"#, $0) },
        Case(title: "no alg", failing: "algorithm") { signed("{}", $0) },
        Case(title: "none", failing: "algorithm") { signed(#"{"alg":"none"}"#, $0) },
        Case(title: "another alg", failing: "algorithm") { signed(#"{"alg":"HS512"}"#, $0) },
        Case(title: "alg in lower case", failing: "algorithm") { signed(#"{"alg":"hs256"}"#, $0) },
        Case(title: "another kid", failing: "key-id") { signed(#"{"alg":"HS256","kid":"marker"}"#, $0) },
        Case(title: "kid a number", failing: "key-id") { signed(#"{"alg":"HS256","kid":1}"#, $0) },
        Case(title: "another key", failing: "signature") { _ in
            signed(#"{"alg":"HS256"}"#, try HS256Key.generate(keyID: "own"))
        },
        Case(title: "a part of the signature", failing: "signature") {
            String(signed(#"{"alg":"HS256"}"#, $0).dropLast(3))
        },
        Case(title: "a payload that is no JSON", failing: "payload") { signed(#"{"alg":"HS256"}"#, $0, "marker") },
        Case(title: "a payload with a member twice", failing: "payload") {
            signed(#"{"alg":"HS256"}"#, $0, #"{"marker":1,"marker":2}"#)
        },
    ]

    @Test(arguments: cases)
    func eachFaultFailsItsOwnCheck(testCase: Case) throws {
        let key = try HS256Key.generate(keyID: "own")
        var report = VerificationReport()
        let payload = report.checkJWS(try testCase.token(key), with: [.hs256(key)])
        #expect(payload == nil)
        #expect(report.failure?.name == testCase.failing)
        #expect(report.checks.last == report.failure)
        let index = try #require(Self.order.firstIndex(of: testCase.failing))
        #expect(report.checks.map(\.name) == Array(Self.order[...index]))
        #expect(!report.checks.contains { $0.detail.isEmpty || $0.detail.contains("marker") })
        #expect(!texts(of: report).contains { $0.contains("marker") })
    }

    @Test func validTokenGivesItsPayload() throws {
        let key = try HS256Key.generate(keyID: "own")
        for header in [#"{"alg":"HS256"}"#, #"{"alg":"HS256","kid":"own"}"#] {
            var report = VerificationReport()
            #expect(report.checkJWS(Self.signed(header, key), with: [.hs256(key)]) == ["sub": "marker"])
            #expect(report.checks.map(\.name) == Self.order)
            #expect(report.isValid)
            #expect(!texts(of: report).contains { $0.contains("marker") })
        }
    }

    @Test func signatureOfAnyKeyIsAccepted() throws {
        let keys = try ["a", "b", "c"].map { try HS256Key.generate(keyID: $0) }
        for key in keys {
            var report = VerificationReport()
            let token = Self.signed(#"{"alg":"HS256","kid":"\#(key.keyID ?? "")"}"#, key)
            #expect(report.checkJWS(token, with: keys.map(VerificationKey.hs256)) != nil)
        }
    }

    @Test func reportIsAboutTheKeyThatPassedMostChecks() throws {
        let keys = try ["a", "b", "c"].map { try HS256Key.generate(keyID: $0) }
        var report = VerificationReport()
        let forged = Self.signed(#"{"alg":"HS256","kid":"b"}"#, try HS256Key.generate())
        #expect(report.checkJWS(forged, with: keys.map(VerificationKey.hs256)) == nil)
        #expect(report.failure?.name == "signature")
    }

    @Test func reportWithoutKeysFails() throws {
        var report = VerificationReport()
        #expect(report.checkJWS(Self.signed(#"{"alg":"HS256"}"#, try HS256Key.generate()), with: []) == nil)
        #expect(report.failure?.name == "signature")
        #expect(!VerificationReport().isValid)
    }
}
