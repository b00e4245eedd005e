import SignetJOSE
import Testing

@Suite struct KeyIDTests {
    private func refusal(keyID: String?, header: String) throws -> JWSError? {
        let key = SigningKey.hs256(try Forge.hs256(keyID: keyID))
        return SignetJOSETests.refusal(of: try Forge.token(header: header, key: key), with: key.verificationKey)
    }

    @Test func keysOwnIDIsAccepted() throws {
        #expect(try refusal(keyID: "live-1", header: #"{"alg":"HS256","kid":"live-1"}"#) == nil)
    }

    @Test func tokenWithoutKeyIDIsAccepted() throws {
        #expect(try refusal(keyID: "live-1", header: #"{"alg":"HS256"}"#) == nil)
    }

    @Test func keyWithoutIDAcceptsAnyKeyID() throws {
        #expect(try refusal(keyID: nil, header: #"{"alg":"HS256","kid":"live-1"}"#) == nil)
    }

    @Test(arguments: ["live-2", "LIVE-1", "live-1 ", "", "live-1\\u0000", "live"])
    func differentKeyIDIsRefused(keyID: String) throws {
        #expect(try refusal(keyID: "live-1", header: #"{"alg":"HS256","kid":"\#(keyID)"}"#) == .keyIDMismatch)
    }

    /// Swift's `==` calls these pairs equal: composed and decomposed é, and the Kelvin sign and K.
    @Test(arguments: [("cl\u{E9}", "cle\\u0301"), ("cle\u{301}", "cl\\u00E9"), ("K", "\\u212A"), ("Å", "\\u212B")])
    func canonicallyEquivalentKeyIDIsRefused(own: String, sent: String) throws {
        #expect(try refusal(keyID: own, header: #"{"alg":"HS256","kid":"\#(sent)"}"#) == .keyIDMismatch)
    }

    @Test(arguments: ["1", "null", "true", "[\"live-1\"]", "{}"], ["live-1", nil])
    func keyIDThatIsNotAStringIsRefused(value: String, keyID: String?) throws {
        #expect(try refusal(keyID: keyID, header: #"{"alg":"HS256","kid":\#(value)}"#) == .keyIDNotString)
    }

    @Test func es256KeyRefusesDifferentKeyID() throws {
        let key = SigningKey.es256(try Forge.es256(keyID: "live-1"))
        let good = try Forge.token(header: #"{"alg":"ES256","kid":"live-1"}"#, key: key)
        let bad = try Forge.token(header: #"{"alg":"ES256","kid":"live-2"}"#, key: key)
        #expect(SignetJOSETests.refusal(of: good, with: key.verificationKey) == nil)
        #expect(SignetJOSETests.refusal(of: bad, with: key.verificationKey) == .keyIDMismatch)
    }
}
