import SignetJOSE
import Testing

@Suite struct JSONReaderTests {
    private func read(_ text: String) throws -> JSONValue {
        try JSONReader.value(Array(text.utf8))
    }

    static let values: [(String, JSONValue)] = [
        ("null", .null), ("true", true), ("false", false), ("0", 0), ("-1", -1), ("\"\"", ""), ("[]", []),
        ("{}", [:]), ("[1,[2,[]],{}]", [1, [2, []], [:]]), (" \t\r\n[ 1 , 2 ]\n", [1, 2]),
        (#"{"b":1,"a":{"b":2}}"#, ["b": 1, "a": ["b": 2]]), (#"{"":{"":""}}"#, ["": ["": ""]]),
    ]

    @Test(arguments: values)
    func valuesAreRead(text: String, value: JSONValue) throws {
        #expect(try read(text) == value)
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u20AC\uFFFF""#, "Aé€\u{FFFF}"),
        (#""\ud83d\ude42 \uD834\uDD1E""#, "🙂 𝄞"), (#""\u0000""#, "\0"), ("\"é€🙂\u{7F}\u{2028}\"", "é€🙂\u{7F}\u{2028}"),
        (#""a\u0062c\u0064""#, "abcd"), (#""\uD7FF\uE000\uDBFF\uDFFF""#, "\u{D7FF}\u{E000}\u{10FFFF}"),
    ])
    func stringsAreUnescaped(text: String, string: String) throws {
        let found = try #require(try read(text).string)
        #expect(Array(found.utf8) == Array(string.utf8))
    }

    @Test(arguments: [
        ("9223372036854775807", Int64.max), ("-9223372036854775808", .min), ("-0", 0), ("1e2", nil), ("1.0", nil),
        ("0.5", nil), ("-1.5E-300", nil), ("1e999999", nil), ("123456789012345678901.5", nil),
    ])
    func numbersKeepTheirText(text: String, integer: Int64?) throws {
        let value = try read(text)
        #expect(value.integer == integer)
        #expect(JSONWriter.text(of: value) == text)
    }

    @Test func canonicallyEquivalentNamesAreDifferentMembers() throws {
        let value = try read("{\"\u{E9}\":1,\"e\u{301}\":2,\"K\":3,\"\u{212A}\":4}")
        #expect(value["\u{E9}"] == 1 && value["e\u{301}"] == 2 && value["K"] == 3 && value["\u{212A}"] == 4)
    }

    @Test(arguments: ["[", "{\"a\":"])
    func exactly32LevelsAreRead(open: String) throws {
        let close = open == "[" ? "]" : "}"
        let nest = { (depth: Int) in
            String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        }
        _ = try read(nest(32))
        for depth in [33, 34, 100_000] {
            #expect { try read(nest(depth)) } throws: { ($0 as? JSONError)?.kind == .tooDeep }
        }
    }

    /// The closing brackets are missing too: the reader does not look ahead.
    @Test(arguments: ["[", "{\"a\":", "[{\"a\":"])
    func hundredThousandLevelsAreRefused(open: String) {
        #expect { try read(String(repeating: open, count: 100_000)) } throws: {
            ($0 as? JSONError)?.kind == .tooDeep
        }
    }

    /// Depth counts nested arrays, not neighbouring ones.
    @Test func siblingsDoNotCountAsDepth() throws {
        let text = "[" + Array(repeating: "[[]]", count: 1_000).joined(separator: ",") + "]"
        #expect(try read(text).array?.count == 1_000)
    }

    @Test func nodesHaveTheirRanges() throws {
        let text = Array(#"{ "é": [1, "x"], "b" : null }"#.utf8)
        let node = try JSONReader.read(text)
        let first = try #require(node.member("é"))
        let slice = { (range: Range<Int>) in String(decoding: text[range], as: UTF8.self) }
        #expect(slice(first.nameRange) == #""é""#)
        #expect(slice(first.value.range) == #"[1, "x"]"#)
        #expect(first.value.elements.map { $0.map { slice($0.range) } } == ["1", "\"x\""])
        #expect(node.member("b").map { slice($0.value.range) } == "null")
        #expect(slice(node.range).utf8.count == text.count)
        #expect(node.member("c") == nil && first.value.member("x") == nil)
        #expect(node.value == ["é": [1, "x"], "b": .null])
    }

    @Test(arguments: [
        ("null", "null"), ("true", "a boolean"), ("1", "a number"), ("\"\"", "a string"), ("[]", "an array"),
        ("{}", "an object"),
    ])
    func everyKindHasAWord(text: String, kind: String) throws {
        #expect(try JSONReader.read(Array(text.utf8)).kind == kind)
        #expect(try read(text).kind == kind)
    }

    /// The strings of these members are secret: they stay in the source.
    @Test func withheldMembersHaveARangeAndNoText() throws {
        let text = Array(#"{"a":"x","d":"secret","e":{"d":"deep","\u0064e":1},"k":7}"#.utf8)
        let node = try text.withUnsafeBytes { try JSONReader.read(secret: $0, withholding: ["d", "k"]) }
        let member = try #require(node.member("d"))
        #expect(member.value.string == "")
        #expect(String(decoding: text[member.value.range], as: UTF8.self) == "\"secret\"")
        #expect(node.member("e")?.value.member("d")?.value.string == "")
        #expect(node.member("a")?.value.string == "x")
        #expect(node.member("k")?.value.value == 7)
    }
}
