import SignetJOSE
import Testing

@Suite struct RoundTripTests {
    @Test func es256SignatureVerifiesWithThePublicHalf() throws {
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

    @Test func hs256SignatureVerifies() throws {
        let key = try HS256Key.generate(keyID: "live-1")
        let token = try CompactJWSSigner(key: .hs256(key), type: "JWT").sign(Array("hello".utf8))
        let parsed = try CompactJWS(parsing: token)
        try parsed.verify(with: .hs256(key))
        #expect(parsed.header == ["alg": "HS256", "typ": "JWT", "kid": "live-1"])
    }

    @Test(arguments: ES256PrivateKey.Format.allCases)
    func privateKeysRoundTrip(format: ES256PrivateKey.Format) throws {
        let key = try ES256PrivateKey.generate(keyID: "live-1")
        let again = try ES256PrivateKey(contents: try key.pem(format), keyID: "live-1")
        #expect(again.publicKey.thumbprint == key.publicKey.thumbprint)
        #expect(try again.pem(.sec1).hasSameBytes(as: try key.pem(.sec1)))
        #expect(try again.pem(.pkcs8).hasSameBytes(as: try key.pem(.pkcs8)))
        let fromJWK = try ES256PrivateKey(contents: try key.jwk())
        #expect(fromJWK.keyID == "live-1")
        #expect(try fromJWK.pem().hasSameBytes(as: try key.pem()))
        #expect(try fromJWK.jwk().hasSameBytes(as: try key.jwk()))
    }

    @Test func publicKeysRoundTrip() throws {
        let key = try ES256PrivateKey.generate(keyID: "live-1").publicKey
        let fromPEM = try ES256PublicKey(contents: Array(try key.pem().utf8), keyID: "live-1")
        let fromJWK = try ES256PublicKey(contents: JSONWriter.bytes(of: key.jwk))
        #expect(fromPEM.jwk == key.jwk)
        #expect(fromJWK.jwk == key.jwk)
        #expect(try fromJWK.pem() == key.pem())
    }

    /// OpenSSL's own files come back to the byte.
    @Test func openSSLFilesRoundTripByteForByte() throws {
        let sec1 = try Fixtures.secret("keys/p256.sec1.pem")
        let pkcs8 = try Fixtures.secret("keys/p256.pkcs8.pem")
        #expect(try ES256PrivateKey(contents: pkcs8).pem(.sec1).hasSameBytes(as: sec1))
        #expect(try ES256PrivateKey(contents: sec1).pem(.pkcs8).hasSameBytes(as: pkcs8))
    }

    @Test func freshKeysDiffer() throws {
        #expect(try ES256PrivateKey.generate().publicKey.thumbprint != ES256PrivateKey.generate().publicKey.thumbprint)
        #expect(try !HS256Key.randomSecret().hasSameBytes(as: HS256Key.randomSecret()))
    }

    @Test func signerCanLeaveOutTheKeyID() throws {
        let key = SigningKey.hs256(try Forge.hs256(keyID: "live-1"))
        #expect(key.keyID == "live-1" && key.verificationKey.keyID == "live-1")
        let token = try CompactJWSSigner(key: key, includesKeyID: false).sign([])
        #expect(try CompactJWS(parsing: token).header == ["alg": "HS256"])
    }

    @Test func typAndKidAreEscapedAsJSON() throws {
        let key = SigningKey.hs256(try Forge.hs256(keyID: "a\"b\\c/\n"))
        let token = try CompactJWS(parsing: try CompactJWSSigner(key: key, type: "x\"y").sign([]))
        try token.verify(with: key.verificationKey)
        #expect(token.header == ["alg": "HS256", "typ": "x\"y", "kid": "a\"b\\c/\n"])
    }
}
