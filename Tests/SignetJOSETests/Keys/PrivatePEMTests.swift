import SignetJOSE
import SignetSystem
import Testing

@Suite struct PrivatePEMTests {
    /// All are forms of one key.
    @Test(arguments: [
        "p256.sec1.pem", "p256.pkcs8.pem", "p256.sec1-without-public.pem", "p256.private.jwk",
    ])
    func allFormsOfAKeyAreRead(name: String) throws {
        let key = try ES256PrivateKey(contents: try Fixtures.secret("keys/\(name)"))
        let wanted = try ES256PublicKey(contents: try Fixtures.bytes("keys/p256.public.pem"))
        #expect(key.publicKey.thumbprint == wanted.thumbprint)
        let token = try CompactJWSSigner(key: .es256(key)).sign([])
        try verify(token, with: .es256(wanted))
    }

    @Test func curveParametersBeforeTheKeyAreSkipped() throws {
        let text = try Fixtures.text("keys/other.with-parameters.pem")
        #expect(text.hasPrefix("-----BEGIN EC PARAMETERS-----"))
        _ = try ES256PrivateKey(contents: SecretBytes(copying: text.utf8))
    }

    @Test func curveParametersAloneAreRefused() throws {
        let text = try Fixtures.text("keys/other.with-parameters.pem")
        let parameters = text.prefix(upTo: try #require(text.firstRange(of: "-----BEGIN EC PRIVATE")).lowerBound)
        #expect(Self.refusedKind(String(parameters)) == .wrongKind)
    }

    @Test(arguments: ["p256.sec1.pem", "p256.pkcs8.pem", "p256.sec1-encrypted.pem", "p256.pkcs8-encrypted.pem"])
    func lineEndsAndTextAroundTheBlockDoNotMatter(name: String) throws {
        let text = try Fixtures.text("keys/\(name)")
        let passphrase = try Fixtures.secret("keys/passphrase.txt")
        let variants = [
            text.replacing("\n", with: "\r\n"),
            String(text.dropLast()),
            text + "\n\n",
            "Made for Talkative, UK store.\nKeep it: it signs.\n\n" + text + "\nThat was all of it.\n",
            "Bag Attributes\n    friendlyName: \u{FC}\nKey Attributes: <No Attributes>\n" + text,
            text.replacing("-----\n", with: "----- \t\n"),
        ]
        let wanted = try ES256PublicKey(contents: try Fixtures.bytes("keys/p256.public.pem")).thumbprint
        for variant in variants {
            let key = try ES256PrivateKey(contents: SecretBytes(copying: variant.utf8), passphrase: passphrase)
            #expect(key.publicKey.thumbprint == wanted)
        }
    }

    @Test func publicKeyIsRefusedAsPrivateKey() throws {
        #expect(try Self.refusedKind(Fixtures.text("keys/p256.public.pem")) == .wrongKind)
        #expect(try Self.refusedKind(Fixtures.text("keys/p256.public.jwk")) == .wrongKind)
    }

    @Test(arguments: ["certificate.pem", "request.pem", "rsa.traditional.pem", "rsa.pkcs1-public.pem"])
    func otherBlocksAreRefusedByName(name: String) throws {
        let text = try Fixtures.text("keys/\(name)")
        let label = try #require(text.firstMatch(of: /BEGIN ([A-Z0-9 ]+)-----/)).1
        #expect {
            try ES256PrivateKey(contents: SecretBytes(copying: text.utf8))
        } throws: { error in
            guard let error = error as? SignetError else { return false }
            return error.isFault(KeyFault.wrongType) && error.reason.contains("\"\(label)\"")
        }
    }

    @Test func openSSHKeyIsRefusedByName() throws {
        #expect(try Self.refusedKind(Fixtures.text("not-secrets/id_ed25519")) == .wrongType)
    }

    @Test func fileWithTwoKeysIsRefused() throws {
        let text = try Fixtures.text("keys/p256.sec1.pem")
        #expect(Self.refusedKind(text + text) == .several)
        #expect(try Self.refusedKind(text + Fixtures.text("keys/p256.public.pem")) == .several)
        #expect(try Self.refusedKind(text + Fixtures.text("keys/certificate.pem")) == .several)
    }

    @Test func emptyFileIsRefusedAsEmpty() {
        #expect(Self.refusedKind("") == .empty)
    }

    @Test(arguments: [" ", "\n", "hello", "MHcCAQEEIA==", "----BEGIN EC PRIVATE KEY----", "\0"])
    func textThatIsNeitherPEMNorJWKIsUnrecognised(text: String) {
        #expect(Self.refusedKind(text) == .unrecognised)
    }

    @Test(arguments: ["\u{FEFF}{}", "\u{FEFF}-----BEGIN PUBLIC KEY-----\n", " -----BEGIN PUBLIC KEY-----\n"])
    func byteOrderMarkAndIndentedLinesAreRefusedAsDamaged(text: String) {
        #expect(Self.refusedKind(text) == .damaged)
    }

    @Test func derKeyIsUnrecognised() throws {
        let der = try Fixtures.secret("not-secrets/p256.pkcs8.der")
        #expect(
            SignetJOSETests.refusedKind { () throws(SignetError) in try ES256PrivateKey(contents: der) }
                == .unrecognised)
    }

    static func refusedKind(_ text: String, passphrase: String? = nil) -> KeyFault? {
        SignetJOSETests.refusedKind { () throws(SignetError) in
            try ES256PrivateKey(
                contents: SecretBytes(copying: text.utf8),
                passphrase: passphrase.map { SecretBytes(copying: $0.utf8) })
        }
    }
}
