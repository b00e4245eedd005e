import SignetJOSE
import SignetSystem
import Testing

/// A key has one algorithm, by its type. The header never chooses.
@Suite struct AlgorithmConfusionTests {
    let secret: SigningKey
    let pair: SigningKey

    init() throws {
        secret = .hs256(try Forge.hs256())
        pair = .es256(try Forge.es256())
    }

    @Test func hmacKeyRefusesES256Token() throws {
        let token = try CompactJWSSigner(key: pair).sign([])
        #expect(refusal(of: token, with: secret.verificationKey) == .algorithmMismatch(expected: .hs256))
    }

    @Test func publicKeyRefusesHS256Token() throws {
        let token = try CompactJWSSigner(key: secret).sign([])
        #expect(refusal(of: token, with: pair.verificationKey) == .algorithmMismatch(expected: .es256))
    }

    /// The header names another algorithm than that of the signature.
    @Test func headerWithAnotherAlgorithmThanTheSignatureIsRefused() throws {
        let claimsES256 = try Forge.token(header: #"{"alg":"ES256"}"#, key: secret)
        #expect(refusal(of: claimsES256, with: secret.verificationKey) == .algorithmMismatch(expected: .hs256))
        #expect(refusal(of: claimsES256, with: pair.verificationKey) == .signatureLength(.es256, found: 32))
        let claimsHS256 = try Forge.token(header: #"{"alg":"HS256"}"#, key: pair)
        #expect(refusal(of: claimsHS256, with: pair.verificationKey) == .algorithmMismatch(expected: .es256))
        #expect(refusal(of: claimsHS256, with: secret.verificationKey) == .signatureLength(.hs256, found: 64))
    }

    /// The oldest attack: the attacker signs HS256 with the public key's file as the secret.
    @Test func textOfAPublicKeyIsRefusedAsSecret() throws {
        let text = try Fixtures.secret("keys/p256.public.pem")
        #expect(refusedKind { () throws(SignetError) in try HS256Key(secret: text) } == .asymmetricAsSecret)
        #expect(
            refusedKind { () throws(SignetError) in try HS256Key(secret: text, allowShortSecret: true) }
                == .asymmetricAsSecret)
    }

    @Test func keyTypeDecidesTheAlgorithm() {
        #expect(secret.algorithm == .hs256)
        #expect(pair.algorithm == .es256)
        #expect(secret.verificationKey.algorithm == .hs256)
        #expect(pair.verificationKey.algorithm == .es256)
    }
}
