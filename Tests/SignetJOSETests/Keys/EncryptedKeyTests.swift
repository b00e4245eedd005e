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
    func rightPassphraseOpensTheKey(name: String) throws {
        let passphrase = try Fixtures.secret("keys/passphrase.txt")
        let key = try ES256PrivateKey(contents: try Fixtures.secret("keys/\(name)"), passphrase: passphrase)
        let wanted = try ES256PublicKey(contents: try Fixtures.bytes("keys/p256.public.pem"))
        #expect(key.publicKey.thumbprint == wanted.thumbprint)
    }

    /// OpenSSL's default would ask on the terminal. None of these may do that.
    @Test(arguments: files)
    func encryptedKeyWithoutPassphraseIsRefusedByName(name: String) throws {
        #expect(try refusedKind(name, passphrase: nil) == .encrypted)
    }

    @Test(arguments: files, ["wrong", "", "throw-away passphrase\n", "Throw-away passphrase"])
    func wrongPassphraseIsRefusedByName(name: String, passphrase: String) throws {
        #expect(try refusedKind(name, passphrase: SecretBytes(copying: passphrase.utf8)) == .wrongPassphrase)
    }

    /// OpenSSL's buffer for a passphrase has 1,024 bytes.
    @Test(arguments: [1_023, 1_024, 1_025, 100_000])
    func passphraseOfAnyLengthIsHandled(length: Int) throws {
        let passphrase = SecretBytes(copying: [UInt8](repeating: 0x61, count: length))
        #expect(try refusedKind("p256.pkcs8-encrypted.pem", passphrase: passphrase) == .wrongPassphrase)
        #expect(try refusedKind("p256.sec1-encrypted.pem", passphrase: passphrase) == .wrongPassphrase)
    }

    @Test func passphraseForAPlainKeyIsIgnored() throws {
        #expect(try refusedKind("p256.pkcs8.pem", passphrase: SecretBytes(copying: "unused".utf8)) == nil)
    }

    /// 200 wrong passphrases: sometimes the padding of a wrong decryption looks right, but the content is not a key.
    @Test func wrongPassphrasesNeverOpenTheKey() throws {
        for number in 0..<200 {
            let passphrase = SecretBytes(copying: "wrong \(number)".utf8)
            #expect(try refusedKind("p256.sec1-encrypted.pem", passphrase: passphrase) == .wrongPassphrase)
        }
    }

    @Test(arguments: files)
    func verificationKeyFromAnEncryptedFileNeedsThePassphrase(name: String) throws {
        let contents = try Fixtures.secret("keys/\(name)")
        let passphrase = try Fixtures.secret("keys/passphrase.txt")
        #expect(
            SignetJOSETests.refusedKind { () throws(SignetError) in try VerificationKey(contents: contents) }
                == .encrypted
        )
        #expect(try VerificationKey(contents: contents, passphrase: passphrase).algorithm == .es256)
    }
}
