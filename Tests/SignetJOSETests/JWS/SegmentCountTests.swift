import SignetJOSE
import Testing

@Suite struct SegmentCountTests {
    static func token() throws -> String {
        try Forge.token(header: #"{"alg":"HS256"}"#, key: .hs256(try Forge.hs256()))
    }

    @Test(arguments: [0, 1, 2, 4, 5])
    func tokenWithoutExactlyThreeSegmentsIsRefused(count: Int) throws {
        let segments = try Self.token().split(separator: ".").map(String.init) + ["e30", "e30"]
        let token = segments.prefix(count).joined(separator: ".")
        #expect(throws: JWSError.segmentCount) { try CompactJWS(parsing: token) }
    }

    /// These tokens would verify if segments after the third were ignored.
    @Test(arguments: [".", "..", ".e30", ".e30.e30", ". "])
    func textAfterValidTokenIsRefused(suffix: String) throws {
        let key = VerificationKey.hs256(try Forge.hs256())
        let token = try Self.token()
        #expect(refusal(of: token, with: key) == nil)
        #expect(refusal(of: token + suffix, with: key) == .segmentCount)
    }

    @Test func textBeforeValidTokenIsRefused() throws {
        let key = VerificationKey.hs256(try Forge.hs256())
        #expect(refusal(of: "." + (try Self.token()), with: key) == .segmentCount)
    }

    @Test(arguments: ["", ".", "...", "....", String(repeating: ".", count: 16 * 1024)])
    func dotsAloneAreRefused(token: String) {
        #expect(throws: JWSError.segmentCount) { try CompactJWS(parsing: token) }
    }

    @Test func emptyHeaderIsRefused() throws {
        #expect { try CompactJWS(parsing: "..") } throws: { error in
            guard case JWSError.headerJSON(let fault) = error else { return false }
            return fault.kind == .syntax
        }
    }

    @Test func emptyPayloadIsAccepted() throws {
        let key = SigningKey.hs256(try Forge.hs256())
        let token = try CompactJWSSigner(key: key).sign([])
        #expect(token.contains(".."))
        try verify(token, with: key.verificationKey)
    }
}
