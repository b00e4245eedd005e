import SignetJOSE
import SignetSystem
import Testing

@Suite struct TextTests {
    @Test(arguments: [
        ("a", "a", true), ("", "", true), ("a", "A", false), ("a", "ab", false), ("cl\u{E9}", "cle\u{301}", false),
        ("K", "\u{212A}", false), ("\u{1F642}", "\u{1F642}", true),
    ])
    func identifiersAreComparedByteForByte(left: String, right: String, same: Bool) {
        #expect(left.hasSameBytes(as: right) == same)
        #expect((ByteString(left) == ByteString(right)) == same)
        #expect(Set([ByteString(left), ByteString(right)]).count == (same ? 1 : 2))
    }

    @Test func controlCharactersAreUnicodesCategoryCc() {
        let controls = (0...0x10FFFF).compactMap { Unicode.Scalar(UInt32($0)) }.filter(\.isControl)
        #expect(controls.allSatisfy { $0.properties.generalCategory == .control })
        #expect(controls.count == 65)
    }

    @Test func hexadecimalIsLowerCase() {
        #expect(Hexadecimal.encode([0x00, 0x0F, 0xA5, 0xFF]) == "000fa5ff")
        #expect(Hexadecimal.encode([]) == "")
    }

    /// FIPS 180-4's one-block message, and the empty one.
    @Test(arguments: [
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ])
    func sha256MatchesPublishedDigests(text: String, digest: String) {
        #expect(Hexadecimal.encode(SHA256.digest(Array(text.utf8))) == digest)
    }

    @Test func fileErrorsHaveCodesOneLineAndTheirPath() {
        for kind in FileFault.allCases {
            let error = SignetError(kind, path: "keys/a.pem", detail: "detail")
            #expect(error.code == kind.rawValue && error.code.hasPrefix("file-"))
            #expect(error.reason.contains("keys/a.pem") && !error.reason.contains("\n"))
            #expect(error.description == error.reason)
        }
    }

    @Test func keyErrorsHaveStableCodes() {
        #expect(
            KeyFault.allCases.map(\.rawValue) == [
                "key-empty", "key-short-secret", "key-asymmetric-as-secret", "key-encoding", "key-edge-space",
                "key-unrecognised", "key-damaged", "key-several", "key-wrong-kind", "key-wrong-type", "key-wrong-curve",
                "key-encrypted", "key-wrong-passphrase", "key-inconsistent", "jwk-member", "jwk-misfit",
                "key-broken-library",
            ])
    }
}
