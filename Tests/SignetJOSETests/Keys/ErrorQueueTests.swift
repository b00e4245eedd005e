import COpenSSL
import SignetJOSE
import SignetSystem
import Testing

/// OpenSSL keeps a queue of errors for each thread. A failure must leave it empty, or another user of OpenSSL on the
/// thread, such as TLS, takes the error for its own.
@Suite struct ErrorQueueTests {
    private func expectCleanQueue(after what: String, _ body: () throws -> Void) rethrows {
        ERR_clear_error()
        try body()
        #expect(ERR_peek_error() == 0, "\(what)")
        ERR_clear_error()
    }

    @Test func readingKeysLeavesTheErrorQueueEmpty() throws {
        let passphrases = [nil, SecretBytes(copying: "wrong".utf8), try Fixtures.secret("keys/passphrase.txt")]
        for name in try Fixtures.names(in: "keys") {
            let contents = try Fixtures.secret("keys/\(name)")
            for passphrase in passphrases {
                expectCleanQueue(after: "private \(name)") {
                    _ = try? ES256PrivateKey(contents: contents, passphrase: passphrase)
                }
                expectCleanQueue(after: "either \(name)") {
                    _ = try? VerificationKey(contents: contents, passphrase: passphrase)
                }
            }
            let bytes = try Fixtures.bytes("keys/\(name)")
            expectCleanQueue(after: "public \(name)") { _ = try? ES256PublicKey(contents: bytes) }
        }
    }

    @Test func refusingSecretsLeavesTheErrorQueueEmpty() throws {
        for name in try Fixtures.names(in: "not-secrets") {
            let contents = try Fixtures.secret("not-secrets/\(name)")
            expectCleanQueue(after: name) { _ = try? HS256Key(secret: contents) }
        }
        expectCleanQueue(after: "a secret that starts like DER") {
            _ = try? HS256Key(secret: SecretBytes(copying: [0x30, 0x1E] + [UInt8](repeating: 0x61, count: 30)))
        }
    }

    @Test func invalidNumbersLeaveTheErrorQueueEmpty() {
        let zero = Base64URL.encode([UInt8](repeating: 0, count: 32))
        for text in [
            JWKTests.ec().replacing(JWKTests.y, with: JWKTests.x), JWKTests.ec(d: zero),
            JWKTests.ec(d: JWKNumberTests.order), JWKTests.ec().replacing(JWKTests.x, with: zero),
        ] {
            expectCleanQueue(after: text) { _ = try? VerificationKey(contents: SecretBytes(copying: text.utf8)) }
        }
    }

    @Test func keysAndSignaturesLeaveTheErrorQueueEmpty() throws {
        try expectCleanQueue(after: "a life of a key") {
            let key = SigningKey.es256(try ES256PrivateKey.generate())
            let token = try CompactJWSSigner(key: key).sign([])
            try verify(token, with: key.verificationKey)
            let one = [UInt8](repeating: 0, count: 31) + [1]
            let forged = Forge.replacingSignature(of: token, by: one + one)
            #expect(refusal(of: forged, with: key.verificationKey) == .signatureMismatch)
            guard case .es256(let pair) = key else { return }
            _ = try (pair.pem(), pair.pem(.sec1), pair.jwk(), pair.publicKey.pem(), pair.publicKey.thumbprint)
            _ = try HS256Key.generate()
        }
    }
}
