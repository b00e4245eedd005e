import SignetJOSE
import Testing

@Suite struct InspectionTests {
    private func token(_ header: String, _ payload: String) throws -> String {
        try Forge.token(header: header, payload: payload, key: .hs256(try Forge.hs256()))
    }

    @Test func validTokenIsShownWithoutProblems() throws {
        let inspection = CompactJWSInspection(try token(#"{"alg":"HS256","typ":"JWT"}"#, #"{"a":1}"#))
        #expect(inspection.header == ["alg": "HS256", "typ": "JWT"])
        #expect(inspection.payload == ["a": 1])
        #expect(inspection.signature?.utf8.count == 43)
        #expect(inspection.problems.isEmpty)
    }

    @Test func textPayloadIsShownWithoutProblems() throws {
        let inspection = CompactJWSInspection(try token(#"{"alg":"HS256"}"#, "hello"))
        #expect(inspection.payload == "hello")
        #expect(inspection.problems.isEmpty)
    }

    @Test func textPayloadOfAJWTIsAProblem() throws {
        let inspection = CompactJWSInspection(try token(#"{"alg":"HS256","typ":"jwt"}"#, "hello"))
        #expect(inspection.problems.map(\.code) == ["json-syntax"])
    }

    @Test(arguments: [
        (#"{"alg":"none"}"#, ["jws-alg-none"]), (#"{"alg":"HS256","crit":[]}"#, ["jws-crit"]),
        (#"{"typ":"JWT"}"#, ["jws-alg-missing"]), (#"{"alg":"ES256"}"#, ["jws-signature-length"]),
        (#"{"alg":"HS256","jwk":{}}"#, ["jws-embedded-key"]), (#"{"alg":"RS256"}"#, ["jws-alg-unknown"]),
        (#"{"alg":"hs256"}"#, ["jws-alg-unknown"]),
        (
            #"{"alg":"none","crit":["x"],"jwk":{},"b64":false,"kid":1}"#,
            ["jws-crit", "jws-b64", "jws-embedded-key", "jws-kid-type", "jws-alg-none"]
        ),
    ])
    func headerProblemsAreListed(header: String, codes: [String]) throws {
        #expect(CompactJWSInspection(try token(header, "{}")).problems.map(\.code) == codes)
    }

    @Test func severalProblemsAreListedInTheirOrder() throws {
        let inspection = CompactJWSInspection(try token(#"{"alg":"ES256","crit":[]}"#, #"{"a":1,"a":2}"#))
        #expect(inspection.problems.map(\.code) == ["jws-crit", "json-duplicate-member", "jws-signature-length"])
    }

    @Test func derSignatureAndSignatureOutOfRangeAreNamed() throws {
        let key = SigningKey.es256(try Forge.es256())
        let token = try Forge.token(header: #"{"alg":"ES256"}"#, key: key)
        let der: [UInt8] = [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01]
        let zeros = [UInt8](repeating: 0, count: 64)
        #expect(CompactJWSInspection(Forge.replacingSignature(of: token, by: der)).problems == [.signatureDER])
        #expect(CompactJWSInspection(Forge.replacingSignature(of: token, by: zeros)).problems == [.signatureRange])
    }

    @Test(arguments: ["", "x", "a.b", "a.b.c.d", String(repeating: "a", count: 20_000)])
    func invalidTokenHasOneProblemAndNoParts(text: String) {
        let inspection = CompactJWSInspection(text)
        #expect(inspection.header == nil && inspection.payload == nil && inspection.signature == nil)
        #expect(inspection.problems.count == 1)
    }

    @Test func readablePartsAreShownBesideUnreadableOnes() throws {
        let inspection = CompactJWSInspection("eyJhbGciOiJIUzI1NiJ9.e30=.")
        #expect(inspection.header == ["alg": "HS256"])
        #expect(inspection.payload == nil)
        #expect(inspection.signature == nil)
        #expect(inspection.problems == [.padding])
    }
}
