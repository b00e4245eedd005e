import SignetJOSE
import Testing

/// Text from other parties as people see it.
@Suite struct VisibleTextTests {
    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("é ü 漢字 🦊", "é ü 漢字 🦊"), ("a\nb\tc\r", #"a\u000ab\u0009c\u000d"#),
        ("\u{1B}[31m", #"\u001b[31m"#), ("\u{7F}", #"\u007f"#), ("\u{80}\u{9B}\u{9F}", #"\u0080\u009b\u009f"#),
        ("\u{AD}", #"\u00ad"#), ("\u{61C}", #"\u061c"#), ("\u{200B}\u{200F}", #"\u200b\u200f"#),
        ("\u{202A}\u{202E}", #"\u202a\u202e"#), ("\u{2066}\u{2069}", #"\u2066\u2069"#),
        ("\u{2028}\u{2029}", #"\u2028\u2029"#), ("\u{FEFF}", #"\ufeff"#), ("\u{FFF9}", #"\ufff9"#),
        ("\u{E0001}\u{E0041}\u{E007F}", #"\udb40\udc01\udb40\udc41\udb40\udc7f"#), ("\u{1D173}", #"\ud834\udd73"#),
        ("\u{FE0F}\u{E0100}", #"\ufe0f\udb40\udd00"#), ("\u{3164}", #"\u3164"#), ("\u{A0}", "\u{A0}"),
    ])
    func invisibleCharactersAreEscaped(text: String, visible: String) {
        #expect(text.visible == visible)
        #expect(text.visible.visible == visible)
    }

    @Test func lineFeedsAndTabsOfSeveralLinesStay() {
        #expect("a\n\tb\r\u{9B}\u{2028}".visibleLines == "a\n\tb\\u000d\\u009b\\u2028")
    }

    /// Escapes every character of the four categories, and no visible letter, mark, number or symbol.
    @Test func everyCharacterIsEitherVisibleOrEscaped() {
        for value in (0..<0x11_0000 as Range<UInt32>) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isHidden =
                [.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
                || scalar.properties.isDefaultIgnorableCodePoint
            if scalar.isInvisible != isHidden { Issue.record("U+\(String(value, radix: 16))") }
        }
    }

    /// Escaping for people does not change the JSON value.
    @Test func escapedJSONHasTheSameValue() throws {
        let text = "a\u{0}\n\u{7F}\u{9B}\u{200B}\u{202E}\u{2028}\u{E0041}\u{FE0F}é🦊\"\\"
        let value: JSONValue = [text: [.string(text), 1]]
        let bytes = JSONWriter.visibleBytes(of: value)
        #expect(try JSONReader.value(bytes) == value)
        #expect(!String(decoding: bytes, as: UTF8.self).unicodeScalars.contains { $0.isInvisible })
        #expect(bytes == Array(JSONWriter.text(of: value).visible.utf8))
    }

    /// Signed bytes are never escaped.
    @Test func bytesToBeSignedAreNotEscaped() {
        #expect(JSONWriter.text(of: "\u{7F}\u{9B}\u{202E}\u{E0041}") == "\"\u{7F}\u{9B}\u{202E}\u{E0041}\"")
    }
}
