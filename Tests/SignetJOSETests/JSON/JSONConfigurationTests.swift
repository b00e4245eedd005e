import SignetJOSE
import Testing

/// The configuration's dialect: comments, trailing commas, and duplicates, which are kept for a better message.
@Suite struct JSONConfigurationTests {
    private func read(_ text: String) throws -> JSONNode {
        try JSONReader.read(Array(text.utf8), options: .configuration)
    }

    @Test(arguments: [
        "// first\n[1, 2]", "[1, 2] // last", "[1, 2] //", "/**/[1,/* é */2]/***/", "[1, // a\n 2 // b\n]", "[1,2,]",
        "[1,2, /* c */ ]", "/* // */ [1,2]", "// /*\n[1,2]", "[/*1*/1,2/*2*/,/*,*/]", "/* a\n * b\n */\n[1,2]",
        "// \"quoted\" }\r\n[1,2]",
    ])
    func commentsAndTrailingCommasAreAccepted(text: String) throws {
        #expect(try read(text).value == [1, 2])
        #expect { try JSONReader.value(Array(text.utf8)) } throws: { ($0 as? JSONError)?.kind == .syntax }
    }

    @Test func commentsAndTrailingCommasInObjectsAreAccepted() throws {
        #expect(try read("{ // a\n \"a\" /* b */ : /* c */ 1 /* d */ , /* e */ }").value == ["a": 1])
    }

    @Test func commentMarksInAStringAreText() throws {
        #expect(try read(#"["// a", "/* b */"]"#).value == ["// a", "/* b */"])
    }

    @Test(arguments: [
        ("[,]", 1, 2), ("[1,,]", 1, 4), ("{,}", 1, 2), ("[1] /", 1, 5), ("/ 1", 1, 1), ("[1 /* x", 1, 4), ("/*/", 1, 1),
        ("[1]\n/* é */ x", 2, 9), ("// a\n// b\n  x", 3, 3), ("1,", 1, 2), ("# c\n1", 1, 1), ("['a']", 1, 2),
        ("[01]", 1, 2),
    ])
    func otherDeviationsAreRefused(text: String, line: Int, column: Int) {
        let error = #expect(throws: JSONError.self) { try read(text) }
        #expect(error?.kind == .syntax)
        #expect(error?.position.line == line && error?.position.column == column)
    }

    @Test func duplicatesKeepOrderAndPositions() throws {
        let text = Array("{\n  \"a\": 1,\n  \"\\u0061\": 2,\n  \"b\": {\"c\": 3, \"c\": 4}\n}".utf8)
        let node = try JSONReader.read(text, options: .configuration)
        let members = try #require(node.members)
        #expect(members.map(\.name) == ["a", "a", "b"])
        #expect(members.map { TextPosition(offset: $0.nameRange.lowerBound, in: text).line } == [2, 3, 4])
        #expect(members[2].value.members?.count == 2)
        #expect(node.member("a")?.value.value == 1)
        #expect { try JSONReader.read(text) } throws: { ($0 as? JSONError)?.kind == .duplicateMember }
    }

    @Test func limitsAreTheSameAsInStrictJSON() {
        let deep = String(repeating: "[", count: 33) + String(repeating: "]", count: 33)
        #expect { try read(deep) } throws: { ($0 as? JSONError)?.kind == .tooDeep }
        #expect { try read("9223372036854775808") } throws: { ($0 as? JSONError)?.kind == .numberOutOfRange }
        #expect { try read(#"["\uD800"]"#) } throws: { ($0 as? JSONError)?.kind == .loneSurrogate }
    }

    @Test func optionsAreIndependent() throws {
        var commentsOnly = JSONReader.Options.strict
        commentsOnly.allowsComments = true
        let duplicate = Array(#"{"a":1,/**/"a":2}"#.utf8)
        #expect { try JSONReader.read(duplicate, options: commentsOnly) } throws: {
            ($0 as? JSONError)?.kind == .duplicateMember
        }
    }
}
