import Foundation
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

@Suite struct SecretEncodingTests {
    private func decode(_ encoding: SecretEncoding, _ text: String) throws -> [UInt8] {
        try encoding.decode(SecretBytes(copying: text.utf8)).withUnsafeBytes { Array($0) }
    }

    private func fault(_ encoding: SecretEncoding, _ text: String) -> SignetError? { fault(encoding, Array(text.utf8)) }

    private func fault(_ encoding: SecretEncoding, _ bytes: [UInt8]) -> SignetError? {
        do throws(SignetError) {
            _ = try encoding.decode(SecretBytes(copying: bytes))
            return nil
        } catch {
            return error
        }
    }

    private func refusedKind(_ encoding: SecretEncoding, _ bytes: some Collection<UInt8>) -> KeyFault? {
        let text = SecretBytes(copying: bytes)
        return SignetJOSETests.refusedKind { () throws(SignetError) in try encoding.decode(text) }
    }

    @Test(arguments: [
        (SecretEncoding.utf8, "pässword", Array("pässword".utf8)), (.utf8, "-_+/=", Array("-_+/=".utf8)),
        (.base64, "+/+/", [0xFB, 0xFF, 0xBF]), (.base64, "Zg==", [0x66]), (.base64, "Zm8=", [0x66, 0x6F]),
        (.base64url, "-_-_", [0xFB, 0xFF, 0xBF]), (.base64url, "Zg", [0x66]), (.hex, "00fFAb", [0x00, 0xFF, 0xAB]),
    ])
    func everyEncodingIsRead(encoding: SecretEncoding, text: String, bytes: [UInt8]) throws {
        #expect(try decode(encoding, text) == bytes)
    }

    @Test(arguments: SecretEncoding.allCases, ["\n", "\r\n"])
    func oneFinalLineEndIsDropped(encoding: SecretEncoding, end: String) throws {
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

    @Test func byteOrderMarkIsRefused() {
        #expect(refusedKind(.utf8, "\u{FEFF}abcd".utf8) == .edgeSpace)
    }

    @Test func spaceInsideASecretIsKept() throws {
        #expect(try decode(.utf8, "correct horse battery") == Array("correct horse battery".utf8))
    }

    /// Invisible characters that editors, shells and browsers add are refused by name, in every encoding.
    @Test(
        arguments: SecretEncoding.allCases,
        [
            ("\t", "a tab"), ("\n", "a line break"), ("\r\n", "a line break"),
            ("\0", "a NUL (U+0000)"),
            ("\u{1B}", "a control character (U+001B)"), ("\u{7F}", "a control character (U+007F)"),
            ("\u{85}", "a control character (U+0085)"), ("\u{A0}", "a no-break space (U+00A0)"),
            ("\u{AD}", "an invisible character (U+00AD)"), ("\u{2009}", "a space of another kind (U+2009)"),
            ("\u{3000}", "a space of another kind (U+3000)"), ("\u{200B}", "a zero-width space (U+200B)"),
            ("\u{200D}", "an invisible character (U+200D)"), ("\u{2028}", "a space of another kind (U+2028)"),
            ("\u{202E}", "an invisible character (U+202E)"), ("\u{FEFF}", "a byte order mark (U+FEFF)"),
            ("\u{E0041}", "an invisible character (U+E0041)"), ("\u{FE0F}", "an invisible character (U+FE0F)"),
        ])
    func invisibleCharacterInASecretIsRefused(encoding: SecretEncoding, character: (text: String, name: String)) throws
    {
        let secret = "0123456789abcdef"
        let inside = try #require(fault(encoding, secret + character.text + secret))
        #expect(inside.isFault(KeyFault.encoding))
        #expect(inside.reason == "the secret contains \(character.name), as character 17")
        for text in [character.text + secret, secret + character.text + " ", secret + character.text + "\r"] {
            #expect(refusedKind(encoding, text.utf8) == .edgeSpace)
        }
        for error in [inside, try #require(fault(encoding, character.text + secret))] {
            #expect(!(error.reason + (error.hint ?? "")).contains("0123"))
        }
    }

    @Test(arguments: SecretEncoding.allCases)
    func characterAtAnEdgeIsNamed(encoding: SecretEncoding) {
        #expect(
            fault(encoding, "\u{FEFF}abcd")?.reason == "the secret starts or ends with a byte order mark (U+FEFF)")
        #expect(
            fault(encoding, "abcd\u{A0}")?.reason == "the secret starts or ends with a no-break space (U+00A0)")
    }

    @Test(
        arguments: SecretEncoding.allCases,
        [
            (#""0123456789abcdef""#, "the secret is in quotes"),
            ("'0123456789abcdef'", "the secret is in quotes"),
            ("`0123456789abcdef`", "the secret is in quotes"),
            ("\u{201C}0123456789abcdef\u{201D}", "the secret is in quotes"),
            ("PEGA_US_JWT_SECRET=0123456789abcdef", "the secret starts with a name and ="),
            ("KEY2='0123456789abcdef'", "the secret starts with a name and ="),
            ("export secret=0123456789abcdef", "the secret starts with a name and ="),
            ("chatApiKey=0123456789abcdef==", "the secret starts with a name and ="),
        ])
    func quotesAndNamesAroundASecretAreRefused(encoding: SecretEncoding, text: (secret: String, fault: String)) throws {
        let error = try #require(fault(encoding, text.secret + "\n"))
        #expect(error.isFault(KeyFault.encoding))
        #expect(error.reason == text.fault)
        #expect(!(error.reason + (error.hint ?? "")).contains("0123"))
    }

    @Test(arguments: [
        "a=b", "pass=word-with-equals", "x1=0123456789abcdef", "AB==", "abcdef=", "it's 'quoted'-inside", "\"",
    ])
    func secretsThatOnlyResembleWrappingsAreAccepted(text: String) throws {
        let text = text.filter { $0 != " " }
        #expect(try decode(.utf8, text) == Array(text.utf8))
    }

    @Test(arguments: [String.Encoding.utf16LittleEndian, .utf16BigEndian], [[], [0xFE, 0xFF], [0xFF, 0xFE]])
    func utf16SecretIsRefusedByName(form: String.Encoding, mark: [UInt8]) throws {
        let bytes = mark + Array(try #require("0123456789abcdef".data(using: form)))
        for encoding in SecretEncoding.allCases {
            let error = try #require(fault(encoding, bytes))
            #expect(error.isFault(KeyFault.encoding))
            #expect(error.reason == "this is text in UTF-16")
        }
    }

    /// Generated secrets are accepted, whatever their bytes.
    @Test func randomSecretsAreAccepted() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<300 {
            let bytes = generator.bytes(32)
            let texts: [(SecretEncoding, String)] = [
                (.hex, Hexadecimal.encode(bytes)), (.base64url, Base64URL.encode(bytes)),
                (.base64, Data(bytes).base64EncodedString()), (.utf8, Hexadecimal.encode(bytes)),
                (.utf8, Base64URL.encode(bytes)), (.utf8, Data(bytes).base64EncodedString()),
            ]
            for (encoding, text) in texts {
                let secret = try encoding.decode(SecretBytes(copying: text.utf8))
                #expect(SignetJOSETests.refusedKind { () throws(SignetError) in try HS256Key(secret: secret) } == nil)
                #expect(encoding == .utf8 || secret.hasSameBytes(as: SecretBytes(copying: bytes)))
            }
        }
    }

    @Test(arguments: SecretEncoding.allCases, ["", "\n", "\r\n"])
    func emptySecretIsRefused(encoding: SecretEncoding, text: String) {
        #expect(refusedKind(encoding, text.utf8) == .empty)
    }

    @Test(arguments: [
        (SecretEncoding.base64, "Zg"), (.base64, "Zg="), (.base64, "Zg==="), (.base64, "===="), (.base64, "Z=g="),
        (.base64, "Zh=="), (.base64, "-_-_"), (.base64, "ab d"), (.base64, "ab\ncdefg"), (.base64url, "+/+/"),
        (.base64url, "Zg=="), (.base64url, "Zh"), (.base64url, "Z"), (.base64url, "a b"), (.hex, "abc"), (.hex, "0x12"),
        (.hex, "zz"), (.hex, "12 34a"), (.hex, "é1"),
    ])
    func textInAnotherEncodingIsRefused(encoding: SecretEncoding, text: String) {
        #expect(refusedKind(encoding, text.utf8) == .encoding)
    }

    @Test func invalidUTF8IsRefusedAsUTF8() {
        #expect(refusedKind(.utf8, [0x61, 0xFF, 0x61]) == .encoding)
        #expect(refusedKind(.utf8, [0xC0, 0x80]) == .encoding)
    }

    /// No error text contains a part of the secret.
    @Test(arguments: SecretEncoding.allCases)
    func errorsContainNothingOfTheSecret(encoding: SecretEncoding) {
        for text in ["hunter2hunter2!", "hunter2 ", "hunter2\u{1}"] {
            do throws(SignetError) {
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
    func secretThatLooksEncodedIsNoticed(text: String, encoding: SecretEncoding?) {
        #expect(SecretEncoding.lookalike(of: SecretBytes(copying: text.utf8)) == encoding)
    }
}
