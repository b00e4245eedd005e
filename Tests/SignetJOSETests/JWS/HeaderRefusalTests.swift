import SignetJOSE
import Testing

/// Every token here has a valid signature of the verifying key.
@Suite struct HeaderRefusalTests {
    let key: SigningKey

    init() throws {
        key = .hs256(try Forge.hs256(keyID: "live-1"))
    }

    private func refusal(_ header: String) throws -> JWSError? {
        SignetJOSETests.refusal(of: try Forge.token(header: header, key: key), with: key.verificationKey)
    }

    @Test(arguments: [
        #"{"alg":"HS256"}"#, #"{"typ":"JWT","alg":"HS256","kid":"live-1"}"#, #"{"alg":"HS256","b64":true}"#,
        #" { "alg" : "HS256" , "unknown" : { "a" : [ 1.5e3 ] } } "#, #"{"\u0061lg":"\u0048S256"}"#,
    ])
    func ordinaryHeaderIsAccepted(header: String) throws {
        #expect(try refusal(header) == nil)
    }

    @Test(arguments: [
        "{}", #"{"typ":"JWT"}"#, #"{"ALG":"HS256"}"#, #"{"alg":null}"#, #"{"alg":256}"#, #"{"alg":["HS256"]}"#,
        #"{"alg":{"alg":"HS256"}}"#, #"{"Alg":"HS256"}"#, #"{"alg ":"HS256"}"#,
    ])
    func missingAlgorithmIsRefused(header: String) throws {
        #expect(try refusal(header) == .algorithmMissing)
    }

    @Test(arguments: ["none", "None", "NONE", "nOnE"])
    func algorithmNoneIsRefused(name: String) throws {
        let header = #"{"alg":"\#(name)"}"#
        #expect(try refusal(header) == .algorithmNone)
        let unsigned = Base64URL.encode(Array(header.utf8)) + ".e30."
        #expect(SignetJOSETests.refusal(of: unsigned, with: key.verificationKey) == .algorithmNone)
    }

    /// No character outside ASCII is canonically equivalent to one of HS256, so the last ones only look or sort alike.
    @Test(arguments: [
        "hs256", "Hs256", "HS256 ", " HS256", "HS256\\u0000", "HS256\\n", "", "HS", "HS2567", "HS384", "HS512", "ES256",
        "RS256", "none ", "HS256\\u0301", "\\uFF28\\uFF33256", "H\\u200DS256", "\\u041DS256",
    ])
    func algorithmThatDiffersFromTheKeysInAnyByteIsRefused(name: String) throws {
        #expect(try refusal(#"{"alg":"\#(name)"}"#) == .algorithmMismatch(expected: .hs256))
    }

    @Test(arguments: ["[]", "null", "[\"exp\"]", "[\"b64\"]", "\"exp\"", "{}", "false"])
    func anyCriticalExtensionIsRefused(value: String) throws {
        #expect(try refusal(#"{"alg":"HS256","exp":1,"crit":\#(value)}"#) == .criticalExtension)
        #expect(try refusal(#"{"alg":"HS256","b64":true,"\u0063rit":\#(value)}"#) == .criticalExtension)
    }

    @Test(arguments: ["false", "null", "0", "1", "\"true\"", "\"\"", "[true]"])
    func unencodedPayloadIsRefused(value: String) throws {
        #expect(try refusal(#"{"alg":"HS256","b64":\#(value)}"#) == .unencodedPayload)
    }

    @Test(arguments: ["jwk", "jku", "x5u", "x5c"], ["{}", "\"https://example.com\"", "null", "[]"])
    func embeddedKeyIsRefused(name: String, value: String) throws {
        #expect(try refusal(#"{"alg":"HS256","\#(name)":\#(value)}"#) == .embeddedKey(name))
    }

    @Test(arguments: ["[]", "\"alg\"", "1", "null", "true", #"[{"alg":"HS256"}]"#])
    func headerThatIsNotAnObjectIsRefused(header: String) throws {
        #expect(try refusal(header) == .headerNotObject)
    }

    @Test(arguments: [
        (#"{"alg":"HS256","alg":"HS256"}"#, JSONError.Kind.duplicateMember),
        (#"{"alg":"none","alg":"HS256"}"#, .duplicateMember),
        (#"{"alg":"HS256","\u0061lg":"HS256"}"#, .duplicateMember),
        (#"{"alg":"HS256","\u006b\u0069\u0064":"live-1","kid":"live-1"}"#, .duplicateMember),
        (#"{"alg":"HS256","x":{"a":1,"a":1}}"#, .duplicateMember),
        (#"{"alg":"HS256","x":[[{"a":[{"b":1,"c":2,"b":3}]}]]}"#, .duplicateMember),
        (#"{"alg":"HS256","x":9223372036854775808}"#, .numberOutOfRange),
        (#"{"alg":"HS256","x":-9223372036854775809}"#, .numberOutOfRange),
        (#"{"alg":"HS256",}"#, .syntax), (#"{"alg":"HS256"}{}"#, .syntax), (#"{"alg":"HS256"} // comment"#, .syntax),
        ("\u{FEFF}{\"alg\":\"HS256\"}", .syntax), (#"{"alg":"HS256","x":"\uD800"}"#, .loneSurrogate),
    ])
    func headerThatIsNotStrictJSONIsRefused(header: String, kind: JSONError.Kind) throws {
        guard case .headerJSON(let error) = try refusal(header) else {
            Issue.record("taken: \(header)")
            return
        }
        #expect(error.kind == kind)
    }

    @Test func headerThatIsNotUTF8IsRefused() throws {
        let header = Array(#"{"alg":"HS256","x":""#.utf8) + [0xC0, 0x80] + Array(#""}"#.utf8)
        let token = try Forge.token(header: header, payload: [], key: key)
        guard case .headerJSON(let error) = SignetJOSETests.refusal(of: token, with: key.verificationKey) else {
            Issue.record("taken")
            return
        }
        #expect(error.kind == .invalidUTF8)
    }

    @Test(arguments: [32, 33, 5_000])
    func headerOf32LevelsIsAcceptedAndDeeperOnesAreRefused(depth: Int) throws {
        // The object is the first level.
        let nested = String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1)
        let found = try refusal(#"{"alg":"HS256","x":\#(nested)}"#)
        guard depth > 32 else {
            #expect(found == nil)
            return
        }
        guard case .headerJSON(let error) = found else {
            Issue.record("taken")
            return
        }
        #expect(error.kind == .tooDeep)
    }
}
