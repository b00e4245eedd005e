import SignetJOSE
import Testing

@Suite struct SecretEncodingTests {
    private func decode(_ encoding: SecretEncoding, _ text: String) throws -> [UInt8] {
        try encoding.decode(SecretBytes(copying: text.utf8)).withUnsafeBytes { Array($0) }
    }

    private func refusedKind(_ encoding: SecretEncoding, _ bytes: some Collection<UInt8>) -> KeyError.Kind? {
        let text = SecretBytes(copying: bytes)
        return SignetJOSETests.refusedKind { () throws(KeyError) in try encoding.decode(text) }
    }

    @Test(arguments: [
        (SecretEncoding.utf8, "pässword", Array("pässword".utf8)), (.utf8, "-_+/=", Array("-_+/=".utf8)),
        (.base64, "+/+/", [0xFB, 0xFF, 0xBF]), (.base64, "Zg==", [0x66]), (.base64, "Zm8=", [0x66, 0x6F]),
        (.base64url, "-_-_", [0xFB, 0xFF, 0xBF]), (.base64url, "Zg", [0x66]), (.hex, "00fFAb", [0x00, 0xFF, 0xAB]),
    ])
    func eachEncodingIsRead(encoding: SecretEncoding, text: String, bytes: [UInt8]) throws {
        #expect(try decode(encoding, text) == bytes)
    }

    @Test(arguments: SecretEncoding.allCases, ["\n", "\r\n"])
    func oneFinalLineEndIsTheFiles(encoding: SecretEncoding, end: String) throws {
        let text = "abcd1234"
        #expect(try decode(encoding, text + end) == decode(encoding, text))
    }

    @Test(arguments: SecretEncoding.allCases)
    func otherWhiteSpaceAtAnEdgeIsRefused(encoding: SecretEncoding) {
        for text in [
            "abcd ", " abcd", "\tabcd", "abcd\t", "\nabcd", "abcd\n\n", "abcd\r", "abcd\r\n\r\n", "abcd \n", " ", "\r",
        ] {
            #expect(refusedKind(encoding, text.utf8) == .edgeSpace, "\(text.debugDescription)")
        }
    }

    @Test func aByteOrderMarkInFrontIsRefused() {
        #expect(refusedKind(.utf8, "\u{FEFF}abcd".utf8) == .edgeSpace)
    }

    @Test func whiteSpaceInsideASecretIsPartOfIt() throws {
        #expect(try decode(.utf8, "correct horse\tbattery") == Array("correct horse\tbattery".utf8))
    }

    @Test(arguments: SecretEncoding.allCases, ["", "\n", "\r\n"])
    func nothingIsNoSecret(encoding: SecretEncoding, text: String) {
        #expect(refusedKind(encoding, text.utf8) == .empty)
    }

    @Test(arguments: [
        (SecretEncoding.base64, "Zg"), (.base64, "Zg="), (.base64, "Zg==="), (.base64, "===="), (.base64, "Z=g="),
        (.base64, "Zh=="), (.base64, "-_-_"), (.base64, "ab d"), (.base64, "ab\ncdefg"), (.base64url, "+/+/"),
        (.base64url, "Zg=="), (.base64url, "Zh"), (.base64url, "Z"), (.base64url, "a b"), (.hex, "abc"), (.hex, "0x12"),
        (.hex, "zz"), (.hex, "12 34a"), (.hex, "é1"),
    ])
    func whatIsNotInTheEncodingIsRefused(encoding: SecretEncoding, text: String) {
        #expect(refusedKind(encoding, text.utf8) == .encoding)
    }

    @Test func whatIsNotUTF8IsRefusedAsUTF8() {
        #expect(refusedKind(.utf8, [0x61, 0xFF, 0x61]) == .encoding)
        #expect(refusedKind(.utf8, [0xC0, 0x80]) == .encoding)
    }

    /// No error text holds a piece of the secret.
    @Test(arguments: SecretEncoding.allCases)
    func errorsHoldNothingOfTheSecret(encoding: SecretEncoding) {
        for text in ["hunter2hunter2!", "hunter2 ", "hunter2\u{1}"] {
            do throws(KeyError) {
                _ = try encoding.decode(SecretBytes(copying: text.utf8))
                #expect(encoding == .utf8, "\(text) is taken")
            } catch {
                #expect(!error.reason.isEmpty)
                #expect(![error.reason, error.hint ?? "", "\(error)"].contains { $0.contains("hunter") })
            }
        }
    }

    @Test(arguments: [
        ("0123456789abcdef0123456789ABCDEF", SecretEncoding.hex), ("AyM1SysPpbyDfgZld3umj1qzKObwVMko", .base64),
        ("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ==", .base64), ("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-E_g", .base64url),
        ("correct horse battery staple", nil), ("short", nil), ("0123456789abcdef", nil),
    ])
    func aSecretThatLooksEncodedIsNoticed(text: String, encoding: SecretEncoding?) {
        #expect(SecretEncoding.lookalike(of: SecretBytes(copying: text.utf8)) == encoding)
    }
}
