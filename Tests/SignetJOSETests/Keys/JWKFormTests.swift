import SignetJOSE
import SignetSystem
import Testing

/// A JWK file is strict JSON with one object.
@Suite struct JWKFormTests {
    @Test(arguments: ["d", "x", "kty", "\\u0064"])
    func duplicateMemberIsRefused(name: String) {
        #expect(JWKTests.refusedKind(JWKTests.ec(#","\#(name)":"\#(JWKTests.d)""#, d: JWKTests.d)) == .damaged)
    }

    @Test(arguments: [
        "{", "{}}", "{,}", "{\"kty\":\"EC\",}", "{} // comment", "{\"d\":\"", "{\"d\":\"\t\"}", "{\"k\":",
    ])
    func textThatIsNotStrictJSONIsRefused(text: String) {
        #expect(JWKTests.refusedKind(text) == .damaged)
    }

    @Test func invalidUTF8IsRefused() {
        let text = SecretBytes(copying: Array(#"{"kty":""#.utf8) + [0xFF] + Array(#""}"#.utf8))
        #expect(refusedKind { () throws(SignetError) in try VerificationKey(contents: text) } == .damaged)
    }

    @Test func setIsRefusedAsKey() {
        #expect(JWKTests.refusedKind(#"{"keys":[\#(JWKTests.ec())]}"#) == .several)
    }

    @Test func errorHasThePositionInTheJSON() throws {
        let text = SecretBytes(copying: "{\n  \"kty\": \"EC\",\n  \"d\": \"\\u0041\"\n}".utf8)
        let error = try #require(throws: SignetError.self) { try VerificationKey(contents: text) }
        #expect(error.isFault(KeyFault.damaged))
        #expect(error.reason.contains("line 3, column 9"))
    }

    /// No error text contains the private number.
    @Test(arguments: [
        JWKTests.ec(d: JWKTests.d + "A"), JWKTests.ec(d: JWKTests.d + "!"), JWKTests.ec(d: JWKTests.d + "\\n"),
        JWKTests.ec(#","use":"enc""#, d: JWKTests.d), JWKTests.ec(",", d: JWKTests.d),
        JWKTests.ec(d: Forge.settingSpareBit(of: JWKTests.d)),
    ])
    func errorsContainNoPrivateNumber(text: String) throws {
        let secret = SecretBytes(copying: text.utf8)
        let error = try #require(throws: SignetError.self) { try ES256PrivateKey(contents: secret) }
        for part in [error.reason, error.hint ?? "no hint", "\(error)", String(reflecting: error)] {
            #expect(!part.isEmpty)
            #expect(!part.contains(JWKTests.d.prefix(8)))
        }
    }

    @Test func otherMembersAreIgnored() {
        let more = #","x5t":"abc","ext":true,"nested":{"d":"secret","k":[{"d":1}]},"p":7"#
        #expect(JWKTests.refusedKind(JWKTests.ec(more)) == nil)
    }

    @Test func keyIDIsTheFilesUnlessAnotherIsGiven() throws {
        let contents = SecretBytes(copying: JWKTests.ec(#","kid":"own""#, d: JWKTests.d).utf8)
        #expect(try ES256PrivateKey(contents: contents).keyID == "own")
        #expect(try ES256PrivateKey(contents: contents, keyID: "given").keyID == "given")
        #expect(try ES256PrivateKey(contents: contents).publicKey.keyID == "own")
    }
}
