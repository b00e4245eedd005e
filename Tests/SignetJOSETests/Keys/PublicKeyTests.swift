import SignetJOSE
import SignetSystem
import Testing

@Suite struct PublicKeyTests {
    private func refusedKind(_ name: String) throws -> KeyFault? {
        let contents = try Fixtures.bytes("keys/\(name)")
        return SignetJOSETests.refusedKind { () throws(SignetError) in try ES256PublicKey(contents: contents) }
    }

    @Test(arguments: ["p256.public.pem", "p256.public-compressed.pem", "p256.public.jwk"])
    func allFormsOfAKeyAreRead(name: String) throws {
        let key = try ES256PublicKey(contents: try Fixtures.bytes("keys/\(name)"))
        let pair = try ES256PrivateKey(contents: try Fixtures.secret("keys/p256.pkcs8.pem"))
        #expect(key.thumbprint == pair.publicKey.thumbprint)
    }

    @Test(arguments: ["p256.sec1.pem", "p256.pkcs8.pem", "p256.private.jwk"])
    func privateKeyIsRefusedAsPublicKey(name: String) throws {
        #expect(try refusedKind(name) == .wrongKind)
    }

    @Test func encryptedPrivateKeyIsRefusedAsPublicKey() throws {
        #expect(try refusedKind("p256.pkcs8-encrypted.pem") == .encrypted)
    }

    @Test(arguments: ["certificate.pem", "request.pem", "rsa.pkcs1-public.pem"])
    func certificateIsRefusedAsPublicKey(name: String) throws {
        #expect(try refusedKind(name) == .wrongType)
    }

    @Test func pointOffTheCurveIsRefused() throws {
        let kind = try refusedKind("off-curve.public.pem")
        #expect(kind == .inconsistent || kind == .damaged)
    }

    @Test func hmacSecretIsRefusedAsPublicKey() throws {
        let jwk = #"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T"}"#
        #expect(
            SignetJOSETests.refusedKind { () throws(SignetError) in try ES256PublicKey(contents: Array(jwk.utf8)) }
                == .wrongKind)
    }

    /// The file for Talkative's console equals that of openssl, to the byte.
    @Test func publicPEMIsWrittenAsOpenSSLWritesIt() throws {
        let key = try ES256PrivateKey(contents: try Fixtures.secret("keys/ec_private.pem"))
        #expect(try key.publicKey.pem() == (try Fixtures.text("keys/ec_public.pem")))
    }

    @Test func filesOfTalkativesInstructionsAreAPair() throws {
        let key = SigningKey.es256(try ES256PrivateKey(contents: try Fixtures.secret("keys/ec_private.pem")))
        let half = try ES256PublicKey(contents: try Fixtures.bytes("keys/ec_public.pem"))
        try verify(try CompactJWSSigner(key: key).sign(Array("[]".utf8)), with: .es256(half))
    }

    @Test func verificationKeyIsReadFromEveryKindOfFile() throws {
        #expect(try VerificationKey(contents: try Fixtures.secret("keys/p256.public.pem")).algorithm == .es256)
        #expect(try VerificationKey(contents: try Fixtures.secret("keys/p256.sec1.pem")).algorithm == .es256)
        let oct = #"{"kty":"oct","kid":"a","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3"}"#
        let secret = try VerificationKey(contents: SecretBytes(copying: oct.utf8))
        #expect(secret.algorithm == .hs256 && secret.keyID == "a")
    }
}
