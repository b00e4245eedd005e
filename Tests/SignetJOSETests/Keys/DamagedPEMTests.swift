import SignetJOSE
import SignetSystem
import Testing

@Suite struct DamagedPEMTests {
    static let files = ["p256.sec1.pem", "p256.pkcs8.pem"]

    /// The file is cut at every tenth character.
    @Test(arguments: files)
    func truncatedFileIsRefused(name: String) throws {
        let text = try Fixtures.text("keys/\(name)")
        for length in stride(from: 1, to: text.count - 6, by: 10) {
            let kind = PrivatePEMTests.refusedKind(String(text.prefix(length)))
            #expect(kind == .damaged || (length < 30 && kind == .unrecognised), "after \(length) characters")
        }
    }

    @Test(arguments: files)
    func fileWithoutItsStartIsRefused(name: String) throws {
        let lines = try Fixtures.text("keys/\(name)").split(separator: "\n")
        #expect(PrivatePEMTests.refusedKind(lines.dropFirst().joined(separator: "\n")) == .damaged)
        #expect(PrivatePEMTests.refusedKind((lines.prefix(1) + lines.suffix(1)).joined(separator: "\n")) == .damaged)
    }

    @Test(arguments: files)
    func differentBeginAndEndLabelsAreRefused(name: String) throws {
        let text = try Fixtures.text("keys/\(name)")
        #expect(PrivatePEMTests.refusedKind(text.replacing("END", with: "END ENCRYPTED")) == .damaged)
        #expect(PrivatePEMTests.refusedKind(text.replacing("-----END", with: "----- END")) == .damaged)
        let begin = text.prefix(through: try #require(text.firstIndex(of: "\n")))
        #expect(PrivatePEMTests.refusedKind(begin + text) == .damaged)
    }

    /// Changes each character of the body. The file is refused, or gives the same key if OpenSSL ignores the changed
    /// character.
    @Test(arguments: files)
    func damagedBodyNeverGivesAnotherKey(name: String) throws {
        let text = try Fixtures.text("keys/\(name)")
        let wanted = try ES256PublicKey(contents: try Fixtures.bytes("keys/p256.public.pem")).thumbprint
        var refused = 0
        let body = Array(text.utf8)
        let start = try #require(body.firstIndex(of: UInt8(ascii: "\n"))) + 1
        let end = try #require(text.utf8.firstRange(of: "\n-----END".utf8)).lowerBound.utf16Offset(in: text)
        for index in start..<end where body[index] != UInt8(ascii: "\n") && body[index] != UInt8(ascii: "=") {
            var damaged = body
            damaged[index] = body[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            guard let key = try? ES256PrivateKey(contents: SecretBytes(copying: damaged)) else {
                refused += 1
                continue
            }
            #expect(key.publicKey.thumbprint == wanted, "character \(index)")
        }
        #expect(refused > (end - start) * 9 / 10)
    }

    @Test(arguments: ["\u{1B}[31m", "\u{202E}", "\u{9B}", "\0", "\u{E9}", "\u{7F}"])
    func labelWithInvisibleCharactersIsRefusedAndNotRepeated(character: String) throws {
        for text in [try Fixtures.text("keys/p256.sec1.pem"), "-----BEGIN A-----\n-----END A-----\n"] {
            for place in ["BEGIN", "END"] {
                let damaged = text.replacing("\(place) ", with: "\(place) \(character)")
                let error = try #require(throws: SignetError.self) {
                    try ES256PrivateKey(contents: SecretBytes(copying: Array(damaged.utf8)))
                }
                #expect(error.isFault(KeyFault.damaged))
                #expect(
                    error.reason == "a BEGIN or END line of the PEM file has a character that is not allowed there")
            }
        }
    }

    @Test(arguments: ["!", "\u{E9}", "\0"])
    func charactersOutsideBase64AreRefused(character: String) throws {
        let text = try Fixtures.text("keys/p256.sec1.pem")
        let index = text.index(text.startIndex, offsetBy: 60)
        #expect(PrivatePEMTests.refusedKind(text[..<index] + character + text[index...].dropFirst()) == .damaged)
    }

    @Test(arguments: [
        "trailing-garbage.sec1.pem", "trailing-garbage.pkcs8.pem", "trailing-garbage.pkcs8-encrypted.pem",
    ])
    func bytesAfterTheKeyInsideTheBlockAreRefused(name: String) throws {
        let passphrase = try Fixtures.text("keys/passphrase.txt")
        let text = try Fixtures.text("keys/\(name)")
        #expect(PrivatePEMTests.refusedKind(text, passphrase: passphrase) == .damaged)
    }

    @Test func bytesAfterAPublicKeyInsideTheBlockAreRefused() throws {
        let contents = try Fixtures.bytes("keys/trailing-garbage.public.pem")
        #expect(refusedKind { () throws(SignetError) in try ES256PublicKey(contents: contents) } == .damaged)
    }

    /// Lengths of one to four bytes, an indefinite length, and lengths that are truncated or too large.
    @Test(arguments: [
        [0x30], [0x30, 0x80, 0x00, 0x00], [0x30, 0x81], [0x30, 0x82, 0x01], [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
        [0x30, 0x85, 0x00, 0x00, 0x00, 0x00, 0x00], [0x30, 0xFF], [0x04, 0x00], [0x30, 0x00], [0x30, 0x01], [],
    ])
    func wrongDERLengthsAreRefused(der: [UInt8]) {
        for label in ["EC PRIVATE KEY", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
            #expect(PrivatePEMTests.refusedKind(PEMText.block(label, der), passphrase: "x") == .damaged)
        }
    }

    @Test(arguments: ["mismatched.sec1.pem", "mismatched.pkcs8.pem"])
    func halvesThatDoNotBelongTogetherAreRefused(name: String) throws {
        #expect(try PrivatePEMTests.refusedKind(Fixtures.text("keys/\(name)")) == .inconsistent)
    }
}
