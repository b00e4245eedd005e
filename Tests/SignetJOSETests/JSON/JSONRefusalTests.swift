import SignetJOSE
import Testing

/// Refused texts, each with the kind of its fault and its position.
@Suite struct JSONRefusalTests {
    struct Refused: CustomTestStringConvertible, Sendable {
        let bytes: [UInt8]
        let kind: JSONError.Kind
        let line: Int
        let column: Int

        init(_ text: String, _ line: Int, _ column: Int) {
            self.init(bytes: Array(text.utf8), .syntax, line, column)
        }

        init(_ text: String, _ kind: JSONError.Kind, _ line: Int, _ column: Int) {
            self.init(bytes: Array(text.utf8), kind, line, column)
        }

        init(bytes: [UInt8], _ kind: JSONError.Kind, _ line: Int, _ column: Int) {
            (self.bytes, self.kind, self.line, self.column) = (bytes, kind, line, column)
        }

        var testDescription: String { String(decoding: bytes, as: UTF8.self).debugDescription }
    }

    static let grammar = [
        Refused("", 1, 1), Refused(" \n ", 2, 2), Refused("{", 1, 2), Refused("[", 1, 2), Refused("[1", 1, 3),
        Refused("{\"a\"", 1, 5), Refused("{\"a\":", 1, 6), Refused("{\"a\":1", 1, 7), Refused("{\"a\" 1}", 1, 6),
        Refused("{a:1}", 1, 2), Refused("{'a':1}", 1, 2), Refused("{1:1}", 1, 2), Refused("{,}", 1, 2),
        Refused("[,]", 1, 2), Refused("[1,]", 1, 3), Refused("[1,,2]", 1, 4), Refused("{\"a\":1,}", 1, 7),
        Refused("{\"a\":1,,}", 1, 8), Refused("[1 2]", 1, 4), Refused("[1}", 1, 3), Refused("{\"a\":1]", 1, 7),
        Refused("{\"a\"}", 1, 5), Refused("{\"a\":}", 1, 6), Refused("]", 1, 1), Refused("}", 1, 1), Refused(",", 1, 1),
        Refused("1 2", 1, 3), Refused("{}\n{}", 2, 1), Refused("[]x", 1, 3), Refused("null\0", 1, 5),
        Refused("\u{FEFF}1", 1, 1), Refused("\u{A0}1", 1, 1), Refused("1\u{2028}", 1, 2), Refused("\u{B}1", 1, 1),
    ]

    static let words = [
        Refused("nul", 1, 1), Refused("True", 1, 1), Refused("TRUE", 1, 1), Refused("nulll", 1, 5),
        Refused("truefalse", 1, 5),
        Refused("undefined", 1, 1), Refused("NaN", 1, 1), Refused("Infinity", 1, 1), Refused("[fals]", 1, 2),
    ]

    static let numbers = [
        Refused("-", 1, 2), Refused("+1", 1, 1), Refused("01", 1, 1), Refused("-01", 1, 1), Refused("00", 1, 1),
        Refused(".5", 1, 1), Refused("1.", 1, 3), Refused("1.e1", 1, 3), Refused("1e", 1, 3), Refused("1e+", 1, 4),
        Refused("0x10", 1, 2), Refused("1_000", 1, 2), Refused("--1", 1, 2), Refused("-a", 1, 2), Refused("１", 1, 1),
        Refused("[1, 9223372036854775808]", .numberOutOfRange, 1, 5),
        Refused("-9223372036854775809", .numberOutOfRange, 1, 1),
        Refused("18446744073709551616", .numberOutOfRange, 1, 1),
        Refused(String(repeating: "9", count: 5_000), .numberOutOfRange, 1, 1),
    ]

    static let strings = [
        Refused("\"", 1, 1), Refused("\"abc", 1, 1), Refused("[\"abc]", 1, 2), Refused("\"\\\"", 1, 1),
        Refused("\"\\", 1, 2),
        Refused("\"a\nb\"", 1, 3), Refused("\"a\tb\"", 1, 3), Refused("\"\0\"", 1, 2), Refused("\"\\x41\"", 1, 2),
        Refused("\"\\u12\"", 1, 2), Refused("\"\\u12G4\"", 1, 2), Refused("\"\\U0041\"", 1, 2),
        Refused("\"\\'\"", 1, 2),
        Refused("\"\\n\u{1F}\"", 1, 4), Refused("\"\\u00", 1, 2), Refused("'a'", 1, 1),
        Refused(#""\uD800""#, .loneSurrogate, 1, 2), Refused(#""\uDC00""#, .loneSurrogate, 1, 2),
        Refused(#""ab\uD83Dx""#, .loneSurrogate, 1, 4), Refused(#""\uD83D\n""#, .loneSurrogate, 1, 2),
        Refused(#""\uD83D\uD83D""#, .loneSurrogate, 1, 2), Refused(#""\uDE42\uD83D""#, .loneSurrogate, 1, 2),
        Refused(#""\uD83D\u0041""#, .loneSurrogate, 1, 2),
    ]

    static let duplicates = [
        Refused(#"{"a":1,"a":1}"#, .duplicateMember, 1, 8),
        Refused("{\"a\":1,\n  \"b\":2,\n  \"a\":3}", .duplicateMember, 3, 3),
        Refused(#"{"a":1,"\u0061":2}"#, .duplicateMember, 1, 8), Refused(#"{"":1,"":2}"#, .duplicateMember, 1, 7),
        Refused(#"[[{"x":{"y":[{"a":1,"a":1}]}}]]"#, .duplicateMember, 1, 21),
        Refused(#"{"é":1,"\u00e9":1}"#, .duplicateMember, 1, 8),
        Refused(#"{"🙂":1,"\ud83d\ude42":1}"#, .duplicateMember, 1, 8),
    ]

    /// Columns count Unicode scalars, not bytes.
    static let places = [
        Refused("[\"é\", x]", 1, 7), Refused("[\"🙂🙂\", x]", 1, 8), Refused("[\"€\",\n\"日本\" x]", 2, 6),
        Refused("[\"e\u{301}\", x]", 1, 8), Refused("[1,\r\n\t x]", 2, 3), Refused("[\n\n\n", 4, 1),
        Refused(bytes: Array("[\"é\",\n \"".utf8) + [0xFF] + Array("\"]".utf8), .invalidUTF8, 2, 3),
    ]

    static let notUTF8 = [
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80], [0xF0, 0x9F, 0x99],
    ].map { Refused(bytes: [0x22] + $0 + [0x22], .invalidUTF8, 1, 2) }

    @Test(arguments: [grammar, words, numbers, strings, duplicates, places, notUTF8].flatMap(\.self))
    func faultHasKindAndPosition(refused: Refused) {
        let error = #expect(throws: JSONError.self) { try JSONReader.value(refused.bytes) }
        #expect(error?.kind == refused.kind)
        #expect(error?.position.line == refused.line)
        #expect(error?.position.column == refused.column)
        #expect(error?.reason.contains("line \(refused.line), column \(refused.column)") == true)
    }

    @Test(arguments: ["//", "// c\n1", "1 // c", "/* c */ 1", "[1, /* c */ 2]", "# c\n1"])
    func commentsAreRefused(text: String) {
        #expect { try JSONReader.value(Array(text.utf8)) } throws: { ($0 as? JSONError)?.kind == .syntax }
    }

    /// Every truncated text is refused, and no byte beyond its end is read.
    @Test func everyTruncatedTextIsRefused() throws {
        let text = Array(#"{"a":[1.5e+3,-0,true,false,null,"é\n\ud83d\ude42"],"b":{"c":[]}}"#.utf8)
        _ = try JSONReader.value(text)
        let cutOff: [JSONError.Kind] = [.syntax, .invalidUTF8, .loneSurrogate]
        for length in 0..<text.count {
            let error = #expect(throws: JSONError.self, "\(length) bytes") {
                try JSONReader.value(text.prefix(length))
            }
            #expect(error.map { cutOff.contains($0.kind) } == true, "\(length) bytes: \(error as Any)")
        }
    }

    @Test func codesAreStable() {
        #expect(
            JSONError.Kind.allCases.map(\.rawValue) == [
                "json-syntax", "json-duplicate-member", "json-too-deep", "json-invalid-utf8", "json-lone-surrogate",
                "json-number-out-of-range",
            ])
    }
}
