import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

@Suite struct HS256KeyTests {
    private func refusedKind(_ secret: SecretBytes, allowShortSecret: Bool = false) -> KeyFault? {
        SignetJOSETests.refusedKind { () throws(SignetError) in
            try HS256Key(secret: secret, allowShortSecret: allowShortSecret)
        }
    }

    private func secret(of length: Int) -> SecretBytes {
        SecretBytes(copying: [UInt8](repeating: 0x61, count: length))
    }

    @Test func emptySecretIsRefusedEvenIfShortOnesAreAllowed() {
        #expect(refusedKind(secret(of: 0)) == .empty)
        #expect(refusedKind(secret(of: 0), allowShortSecret: true) == .empty)
    }

    /// RFC 7518 §3.2: at least as long as the hash.
    @Test(arguments: [1, 16, 31])
    func shortSecretIsRefusedUnlessAllowed(length: Int) {
        #expect(refusedKind(secret(of: length)) == .shortSecret)
        #expect(refusedKind(secret(of: length), allowShortSecret: true) == nil)
    }

    @Test(arguments: [32, 33, 64, 65, 4_096])
    func longSecretIsAccepted(length: Int) {
        #expect(refusedKind(secret(of: length)) == nil)
    }

    static let notSecrets = (try? Fixtures.names(in: "not-secrets")) ?? []

    @Test func asymmetricMaterialFixturesExist() {
        #expect(Self.notSecrets.count >= 41)
    }

    @Test(arguments: notSecrets)
    func asymmetricMaterialIsRefused(name: String) throws {
        let material = try Fixtures.secret("not-secrets/\(name)")
        #expect(refusedKind(material) == .asymmetricAsSecret)
        #expect(refusedKind(material, allowShortSecret: true) == .asymmetricAsSecret)
    }

    /// Through the encoding of a secret, as in the configuration.
    @Test(arguments: notSecrets, SecretEncoding.allCases)
    func asymmetricMaterialIsRefusedAsTheTextOfASecret(name: String, encoding: SecretEncoding) throws {
        let text = try Fixtures.secret("not-secrets/\(name)")
        #expect(
            SignetJOSETests.refusedKind { () throws(SignetError) in try encoding.decode(text) } == .asymmetricAsSecret)
    }

    /// The starts of key types that are obsolete or need a hardware key.
    @Test(arguments: [
        "ssh-dss AAAAB3NzaC1kc3MAAACBAPqhDt", "ssh-ed448 AAAACXNzaC1lZDQ0OAAAADkx", "AAAACXNzaC1lZDQ0OAAAADkx0123456",
        "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t",
        "sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20",
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAI", "ssh-rsa-cert-v01@openssh.com AAAAHHNzaC1yc2EtY2",
    ])
    func publicKeyLinesAreRefused(text: String) {
        #expect(refusedKind(SecretBytes(copying: text.utf8), allowShortSecret: true) == .asymmetricAsSecret)
    }

    @Test func puTTYKeyIsRefused() {
        let text = "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: throw-away\nPublic-Lines: 2\n"
        #expect(refusedKind(SecretBytes(copying: text.utf8)) == .asymmetricAsSecret)
    }

    @Test func pemBlockAfterTextIsRefused() throws {
        let text = "the secret is:\n" + (try Fixtures.text("keys/p256.public.pem"))
        #expect(refusedKind(SecretBytes(copying: text.utf8)) == .asymmetricAsSecret)
    }

    /// A secret that only resembles a key is accepted.
    @Test(arguments: [
        "0123456789abcdef0123456789abcdef", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAnot-a-key-at-all",
        "{this is a secret with a brace in front of it}", "{\"secret\":\"0123456789abcdef0123456789\"}",
        "ssh-rsa is what this passphrase begins with", "-----BEGINNING of a long passphrase-----",
        "Mary had a little lamb, its fleece was white", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ])
    func ordinarySecretsAreAccepted(text: String) {
        #expect(refusedKind(SecretBytes(copying: text.utf8)) == nil)
    }

    /// Includes secrets whose first byte is that of a SEQUENCE.
    @Test func randomSecretsAreAccepted() {
        var generator = SeededGenerator(seed: 7)
        for number in 0..<400 {
            var bytes = generator.bytes(32 + number % 64)
            if number.isMultiple(of: 2) { bytes[0] = 0x30 }
            if number.isMultiple(of: 4) { bytes[1] = UInt8(bytes.count - 2) }
            #expect(refusedKind(SecretBytes(copying: bytes)) == nil)
        }
    }
}
