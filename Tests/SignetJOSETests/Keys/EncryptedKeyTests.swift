import SignetConfiguration
import SignetJOSE
import SignetSystem
import Testing

@Suite struct EncryptedKeyTests {
    static let files = ["p256.pkcs8-encrypted.pem", "p256.pkcs8-scrypt.pem", "p256.sec1-encrypted.pem"]

    private func refusedKind(_ name: String, passphrase: SecretBytes?) throws -> KeyFault? {
        let contents = try Fixtures.secret("keys/\(name)")
        return SignetJOSETests.refusedKind { () throws(SignetError) in
            try ES256PrivateKey(contents: contents, passphrase: passphrase)
        }
    }

    @Test(arguments: files)
    func theRightPassphraseOpensTheKey(name: String) throws {
        let passphrase = try Fixtures.secret("keys/passphrase.txt")
        let key = try ES256PrivateKey(contents: try Fixtures.secret("keys/\(name)"), passphrase: passphrase)
        let wanted = try ES256PublicKey(contents: try Fixtures.bytes("keys/p256.public.pem"))
        #expect(key.publicKey.thumbprint == wanted.thumbprint)
    }

    /// None of these may fall back to asking on the terminal, as OpenSSL does on its own.
    @Test(arguments: files)
    func withoutAPassphraseTheKeyIsSaidToBeEncrypted(name: String) throws {
        #expect(try refusedKind(name, passphrase: nil) == .encrypted)
    }

    @Test(arguments: files, ["wrong", "", "throw-away passphrase\n", "Throw-away passphrase"])
    func aWrongPassphraseIsSaidToBeWrong(name: String, passphrase: String) throws {
        #expect(try refusedKind(name, passphrase: SecretBytes(copying: passphrase.utf8)) == .wrongPassphrase)
    }

    /// OpenSSL lends 1,024 bytes for a passphrase.
    @Test(arguments: [1_023, 1_024, 1_025, 100_000])
    func aPassphraseOfAnyLengthIsNoDanger(length: Int) throws {
        let passphrase = SecretBytes(copying: [UInt8](repeating: 0x61, count: length))
        #expect(try refusedKind("p256.pkcs8-encrypted.pem", passphrase: passphrase) == .wrongPassphrase)
        #expect(try refusedKind("p256.sec1-encrypted.pem", passphrase: passphrase) == .wrongPassphrase)
    }

    @Test func aPassphraseForAKeyThatNeedsNoneIsNotUsed() throws {
        #expect(try refusedKind("p256.pkcs8.pem", passphrase: SecretBytes(copying: "unused".utf8)) == nil)
    }

    /// 200 wrong ones: now and then the padding of a wrong decryption looks right, and what is inside is not a key.
    @Test func noWrongPassphraseEverOpensTheKey() throws {
        for number in 0..<200 {
            let passphrase = SecretBytes(copying: "wrong \(number)".utf8)
            #expect(try refusedKind("p256.sec1-encrypted.pem", passphrase: passphrase) == .wrongPassphrase)
        }
    }

    @Test(arguments: files)
    func verifyingWithAnEncryptedKeyNeedsThePassphraseToo(name: String) throws {
        let contents = try Fixtures.secret("keys/\(name)")
        let passphrase = try Fixtures.secret("keys/passphrase.txt")
        #expect(
            SignetJOSETests.refusedKind { () throws(SignetError) in try VerificationKey(contents: contents) }
                == .encrypted
        )
        #expect(try VerificationKey(contents: contents, passphrase: passphrase).algorithm == .es256)
    }
}
