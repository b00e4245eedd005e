import SignetJOSE
import Testing

@Suite struct RoundTripTests {
    @Test func es256SignsWhatItsPublicHalfVerifies() throws {
        let key = try ES256PrivateKey.generate()
        let token = try CompactJWSSigner(key: .es256(key)).sign { writer in
            writer.beginArray()
            writer.string("a/b\"ü")
            writer.endArray()
        }
        let parsed = try CompactJWS(parsing: token)
        try parsed.verify(with: .es256(key.publicKey))
        #expect(String(decoding: parsed.payload, as: UTF8.self) == #"["a/b\"ü"]"#)
        #expect(parsed.header == ["alg": "ES256"])
    }

    @Test func hs256SignsWhatItVerifies() throws {
        let key = try HS256Key.generate(keyID: "live-1")
        let token = try CompactJWSSigner(key: .hs256(key), type: "JWT").sign(Array("hello".utf8))
        let parsed = try CompactJWS(parsing: token)
        try parsed.verify(with: .hs256(key))
        #expect(parsed.header == ["alg": "HS256", "typ": "JWT", "kid": "live-1"])
    }

    @Test(arguments: ES256PrivateKey.Format.allCases)
    func privateKeysAreReadAsTheyAreWritten(format: ES256PrivateKey.Format) throws {
        let key = try ES256PrivateKey.generate()
        let again = try ES256PrivateKey(contents: try key.pem(format))
        #expect(again.publicKey.thumbprint == key.publicKey.thumbprint)
        let fromJWK = try ES256PrivateKey(contents: try key.jwk())
        #expect(fromJWK.publicKey.thumbprint == key.publicKey.thumbprint)
    }
}
