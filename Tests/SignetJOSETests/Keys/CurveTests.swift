import SignetJOSE
import SignetSystem
import Testing

/// ES256 keys have to be on P-256. Errors name the other curve or type.
@Suite struct CurveTests {
    static let others = ["secp384r1", "secp521r1", "secp256k1", "brainpoolP256r1"]

    @Test(arguments: others, ["sec1", "pkcs8", "public"])
    func otherCurvesAreRefusedByName(curve: String, form: String) throws {
        let error = try error(reading: "\(curve).\(form).pem", isPublic: form == "public")
        #expect(error?.isFault(KeyFault.wrongCurve) == true)
        #expect(error?.reason.contains(curve) == true)
        #expect(error?.reason.contains("P-256") == true)
    }

    @Test(arguments: [("ed25519", "ED25519"), ("rsa", "RSA")], ["pkcs8", "public"])
    func otherAlgorithmsAreRefusedByName(algorithm: (file: String, name: String), form: String) throws {
        let error = try error(reading: "\(algorithm.file).\(form).pem", isPublic: form == "public")
        #expect(error?.isFault(KeyFault.wrongType) == true)
        #expect(error?.reason.contains(algorithm.name) == true)
    }

    /// Explicit parameters can hide a forged curve (CVE-2020-0601), so they are refused even if they are P-256's.
    @Test(arguments: ["sec1", "pkcs8", "public"])
    func explicitParametersAreRefused(form: String) throws {
        let error = try error(reading: "explicit.\(form).pem", isPublic: form == "public")
        #expect(error?.isFault(KeyFault.wrongCurve) == true)
        #expect(error?.reason.contains("explicit") == true)
    }

    @Test(arguments: ["P-384", "P-521", "secp256k1", "Ed25519", "p-256", "P-256 ", "prime256v1", ""])
    func otherCurvesOfAJWKAreRefusedByName(curve: String) throws {
        let text = try Fixtures.text("keys/p256.public.jwk").replacing("P-256", with: curve)
        let error = try #require(throws: SignetError.self) { try ES256PublicKey(contents: Array(text.utf8)) }
        #expect(error.isFault(KeyFault.jwkMisfit))
        #expect(error.reason.contains("\"\(curve)\""))
    }

    @Test(arguments: ["P-384\\u001b[31m", "\u{202E}P-384", "P\u{9B}1m", "P-256\u{200B}", "P\u{2028}", "\\u007f"])
    func curveNameWithInvisibleCharactersIsNotRepeated(curve: String) throws {
        let text = try Fixtures.text("keys/p256.public.jwk").replacing("P-256", with: curve)
        let error = try #require(throws: SignetError.self) { try ES256PublicKey(contents: Array(text.utf8)) }
        #expect(error.isFault(KeyFault.jwkMisfit))
        #expect(error.reason == "the JWK's \"crv\" is not a curve's name; ES256 needs P-256")
    }

    private func error(reading name: String, isPublic: Bool) throws -> SignetError? {
        let contents = try Fixtures.secret("keys/\(name)")
        return #expect(throws: SignetError.self) {
            guard isPublic else { return _ = try ES256PrivateKey(contents: contents) }
            _ = try contents.withUnsafeBytes { try ES256PublicKey(contents: Array($0)) }
        }
    }
}
