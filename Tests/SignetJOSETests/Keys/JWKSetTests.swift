import SignetJOSE
import SignetSystem
import Testing

@Suite struct JWKSetTests {
    private func refusedKind(_ text: String) -> KeyFault? {
        SignetJOSETests.refusedKind { () throws(SignetError) in try JWKSet(contents: Array(text.utf8)) }
    }

    @Test func setRoundTrips() throws {
        let keys = try ["first", "second", nil].map { try ES256PrivateKey.generate(keyID: $0).publicKey }
        let text = JSONWriter.bytes(of: JWKSet(keys).json)
        let again = try JWKSet(contents: text)
        #expect(again.keys.map(\.thumbprint) == keys.map(\.thumbprint))
        #expect(again.keys.map(\.keyID) == ["first", "second", nil])
    }

    @Test func textOfASetIsStable() throws {
        let key = try ES256PublicKey(contents: try Fixtures.bytes("keys/p256.public.pem"), keyID: "live/1")
        let members = #""kty":"EC","crv":"P-256","x":"\#(JWKTests.x)","y":"\#(JWKTests.y)""#
        #expect(
            JSONWriter.text(of: JWKSet([key]).json)
                == #"{"keys":[{\#(members),"use":"sig","alg":"ES256","kid":"live/1"}]}"#)
    }

    /// RFC 7517 §5: keys of unknown kinds are ignored.
    @Test func keysOfOtherKindsAreIgnored() throws {
        let others = [
            #"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, #"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#,
            #"{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}"#, "{}", "1", "null", #"{"kty":1}"#,
        ]
        let text = #"{"keys":[\#((others + [JWKTests.ec()] + others).joined(separator: ","))],"more":1}"#
        #expect(try JWKSet(contents: Array(text.utf8)).keys.count == 1)
    }

    @Test func emptySetIsAccepted() throws {
        #expect(try JWKSet(contents: Array(#"{"keys":[]}"#.utf8)).keys.isEmpty)
    }

    @Test func privateKeyInASetIsRefused() {
        #expect(refusedKind(#"{"keys":[\#(JWKTests.ec()),\#(JWKTests.ec(d: JWKTests.d))]}"#) == .wrongKind)
    }

    @Test func invalidP256KeyIsRefused() {
        #expect(refusedKind(#"{"keys":[\#(JWKTests.ec(#","use":"enc""#))]}"#) == .jwkMisfit)
        let off = JWKTests.ec().replacing(JWKTests.y, with: JWKTests.x)
        #expect(refusedKind(#"{"keys":[\#(off)]}"#) == .inconsistent)
    }

    @Test(arguments: ["{}", "[]", "1", #"{"keys":{}}"#, #"{"keys":null}"#, JWKTests.ec()])
    func otherJSONIsRefusedAsSet(text: String) {
        #expect(refusedKind(text) == .jwkMember)
    }

    @Test(arguments: ["", "{", #"{"keys":[],"keys":[]}"#, #"{"keys":[],}"#])
    func textThatIsNotStrictJSONIsRefused(text: String) {
        #expect(refusedKind(text) == .damaged)
    }
}
