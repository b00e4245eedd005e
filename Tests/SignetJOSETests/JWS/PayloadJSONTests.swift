import SignetJOSE
import Testing

@Suite struct PayloadJSONTests {
    private func token(_ payload: String) throws -> CompactJWS {
        let key = SigningKey.hs256(try Forge.hs256())
        let token = try CompactJWS(
            parsing: try Forge.token(header: #"{"alg":"HS256","typ":"JWT"}"#, payload: payload, key: key))
        try token.verify(with: key.verificationKey)
        return token
    }

    @Test(arguments: [
        (#"{"exp":1,"exp":2}"#, JSONError.Kind.duplicateMember),
        (#"{"exp":1,"\u0065\u0078p":1}"#, .duplicateMember),
        (#"{"a":{"b":{"c":1,"d":2,"c":3}}}"#, .duplicateMember),
        (#"[{"label":"a","data":"1","data":"2"}]"#, .duplicateMember),
        (#"[[[[{"\ud83d\ude42":1,"🙂":1}]]]]"#, .duplicateMember),
        (#"{"exp":9223372036854775808}"#, .numberOutOfRange), (#"{"exp":-9223372036854775809}"#, .numberOutOfRange),
        (#"{"exp":18446744073709551615}"#, .numberOutOfRange),
        (#"{"exp":100000000000000000000000000000000000000000}"#, .numberOutOfRange),
        (#"{"exp":1,}"#, .syntax), ("", .syntax), ("{} {}", .syntax), (#"{"a":"\uDC00"}"#, .loneSurrogate),
        (String(repeating: "[", count: 33) + String(repeating: "]", count: 33), .tooDeep),
    ])
    func payloadThatIsNotStrictJSONIsRefused(payload: String, kind: JSONError.Kind) throws {
        let token = try token(payload)
        #expect { try token.jsonPayload() } throws: { error in
            guard case JWSError.payloadJSON(let fault) = error else { return false }
            return fault.kind == kind
        }
    }

    @Test(arguments: [
        #"{"exp":9223372036854775807,"nbf":-9223372036854775808}"#, #"[{"a":1},{"a":2}]"#, #"{"a":{"a":{"a":1}}}"#,
        #"{"é":1,"e\u0301":2}"#, String(repeating: "[", count: 32) + String(repeating: "]", count: 32),
    ])
    func strictJSONPayloadIsAccepted(payload: String) throws {
        #expect(try token(payload).jsonPayload() == (try JSONReader.value(Array(payload.utf8))))
    }

    /// A JWS signs any bytes. Only reading the JSON payload requires JSON.
    @Test func payloadThatIsNotJSONVerifies() throws {
        #expect(try token("not JSON").payload == Array("not JSON".utf8))
    }
}
