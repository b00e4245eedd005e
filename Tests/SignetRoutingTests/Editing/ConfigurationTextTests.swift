import SignetConfiguration
import SignetJOSE
import SignetRouting
import SignetSystem
import Testing

/// One change of a text, before and after.
struct EditCase: Sendable, CustomTestStringConvertible {
    enum Change: Sendable {
        case replace(String, String)
        case rename(String, String, String)
        case member(String, String, ConfigurationText.Place, String)
        case element(String, Int, String)
        case remove(String)
    }

    let name: String
    let change: Change
    let before: String
    let after: String

    init(_ name: String, _ change: Change, _ before: String, _ after: String) {
        (self.name, self.change, self.before, self.after) = (name, change, before, after)
    }

    var testDescription: String { name }
}

@Suite struct ConfigurationTextTests {
    private static let new = EditCase.Change.member("n", "9", .after("a"), "")
    private static let newLast = EditCase.Change.member("n", "9", .last, "")
    private static let newFirst = EditCase.Change.member("n", "9", .before("a"), "")

    static let cases: [EditCase] = [
        // Values and names
        EditCase("a value", .replace("a.b", "2"), "{ \"a\": {\"b\" :1 } /* 1 */ }", "{ \"a\": {\"b\" :2 } /* 1 */ }"),
        EditCase("a value in a list", .replace("a.1", "\"z\""), #"{"a":["x", "y" ,"w"]}"#, #"{"a":["x", "z" ,"w"]}"#),
        EditCase(
            "a name and its value", .rename("a.key", "keys", "[\"k\", \"l\"]"), "{ \"a\": { \"key\" :  \"k\", } }",
            "{ \"a\": { \"keys\" :  [\"k\", \"l\"], } }"),
        EditCase(
            "the first of two names", .rename("a", "b", "2"), "{ \"a\": 1, \"a\": 1 }", "{ \"b\": 2, \"a\": 1 }"),
        EditCase(
            "a name that only looks the same", .rename("e\u{301}", "b", "2"), "{ \"\u{E9}\": 1, \"e\u{301}\": 1 }",
            "{ \"\u{E9}\": 1, \"b\": 2 }"),
        EditCase(
            "the byte order of names is kept", .replace("b", "3"), "{\n\"b\":1,\n\"a\":2}", "{\n\"b\":3,\n\"a\":2}"),

        // One line
        EditCase("one line", new, "{ \"a\": 1 }", "{ \"a\": 1, \"n\": 9 }"),
        EditCase("one line, in the middle", new, "{ \"a\": 1, \"b\": 2 }", "{ \"a\": 1, \"n\": 9, \"b\": 2 }"),
        EditCase("one line, trailing comma", newLast, "{ \"a\": 1, }", "{ \"a\": 1, \"n\": 9, }"),
        EditCase("one line, at the start", newFirst, "{ \"a\": 1 }", "{ \"n\": 9, \"a\": 1 }"),
        EditCase("nothing between", new, "{\"a\":1,\"b\":2}", "{\"a\":1,\"n\":9,\"b\":2}"),
        EditCase("nothing between, alone", new, "{\"a\":1}", "{\"a\":1,\"n\":9}"),
        EditCase(
            "a comment before the comma", new, "{ \"a\": 1 /* one */, \"b\": 2 }",
            "{ \"a\": 1 /* one */, \"n\": 9, \"b\": 2 }"),
        EditCase(
            "a comment behind the comma belongs to what follows", new, "{ \"a\": 1, /* two */ \"b\": 2 }",
            "{ \"a\": 1, \"n\": 9, /* two */ \"b\": 2 }"),
        EditCase("a comment at the end", new, "{ \"a\": 1 /* one */ }", "{ \"a\": 1, \"n\": 9 /* one */ }"),
        EditCase(
            "a comma in a comment is none", new, "{ \"a\": 1 /* , */ }", "{ \"a\": 1, \"n\": 9 /* , */ }"),
        EditCase(
            "several on a line", new, "{\n  \"v\": 0, \"a\": 1, // pair\n  \"b\": 2\n}",
            "{\n  \"v\": 0, \"a\": 1, \"n\": 9, // pair\n  \"b\": 2\n}"),

        // A line each
        EditCase("a line each", new, "{\n  \"a\": 1,\n  \"b\": 2\n}\n", "{\n  \"a\": 1,\n  \"n\": 9,\n  \"b\": 2\n}\n"),
        EditCase("a line each, last", newLast, "{\n  \"a\": 1\n}", "{\n  \"a\": 1,\n  \"n\": 9\n}"),
        EditCase("a line each, trailing comma", newLast, "{\n  \"a\": 1,\n}", "{\n  \"a\": 1,\n  \"n\": 9,\n}"),
        EditCase("a line each, first", newFirst, "{\n  \"a\": 1\n}", "{\n  \"n\": 9,\n  \"a\": 1\n}"),
        EditCase("tabs", newLast, "{\n\t\"a\": 1\n}", "{\n\t\"a\": 1,\n\t\"n\": 9\n}"),
        EditCase(
            "CRLF", new, "{\r\n  \"a\": 1,\r\n  \"b\": 2\r\n}", "{\r\n  \"a\": 1,\r\n  \"n\": 9,\r\n  \"b\": 2\r\n}"),
        EditCase(
            "CRLF behind a comment", new, "{\r\n  \"a\": 1 // one\r\n}\r\n",
            "{\r\n  \"a\": 1, // one\r\n  \"n\": 9\r\n}\r\n"),
        EditCase("CRLF, first", newFirst, "{ // all\r\n \"a\": 1\r\n}", "{ // all\r\n \"n\": 9,\r\n \"a\": 1\r\n}"),
        EditCase(
            "a comment of the line stays with it", new, "{\n  \"a\": 1, // one\n  // two\n  \"b\": 2\n}",
            "{\n  \"a\": 1, // one\n  \"n\": 9,\n  // two\n  \"b\": 2\n}"),
        EditCase(
            "a comment behind the last, without comma", newLast, "{\n  \"a\": 1 // one\n}",
            "{\n  \"a\": 1, // one\n  \"n\": 9\n}"),
        EditCase(
            "a comment of two lines", new, "{\n  \"a\": 1, /* one\n  and more */\n  \"b\": 2\n}",
            "{\n  \"a\": 1, /* one\n  and more */\n  \"n\": 9,\n  \"b\": 2\n}"),
        EditCase(
            "a comment of two lines before the next", new, "{\n  \"a\": 1, /* one\n  */ \"b\": 2\n}",
            "{\n  \"a\": 1, \"n\": 9, /* one\n  */ \"b\": 2\n}"),
        EditCase(
            "a comment below the last", newLast, "{\n  \"a\": 1\n  // no more\n}",
            "{\n  \"a\": 1,\n  \"n\": 9\n  // no more\n}"),
        EditCase(
            "the first behind the bracket", new, "{ \"a\": 1,\n  \"b\": 2 }", "{ \"a\": 1,\n  \"n\": 9,\n  \"b\": 2 }"),
        EditCase(
            "the last before the bracket", newLast, "{ \"a\": 1,\n  \"b\": 2 }",
            "{ \"a\": 1,\n  \"b\": 2,\n  \"n\": 9 }"),
        EditCase(
            "the last before the bracket, with comma and comment", newLast, "{ \"a\": 1,\n  \"b\": 2, /* two */ }",
            "{ \"a\": 1,\n  \"b\": 2, /* two */\n  \"n\": 9, }"),
        EditCase(
            "before the first behind the bracket", newFirst, "{ \"a\": 1,\n  \"b\": 2 }",
            "{ \"n\": 9,\n  \"a\": 1,\n  \"b\": 2 }"),
        EditCase(
            "commas first", new, "{ \"a\": 1\n, \"b\": 2\n}", "{ \"a\": 1, \"n\": 9\n, \"b\": 2\n}"),
        EditCase(
            "strings with brackets and slashes", new, #"{ "a": "} // ,", "b": 2 }"#,
            #"{ "a": "} // ,", "n": 9, "b": 2 }"#),

        // Empty objects and lists
        EditCase("empty", newLast, "{}", "{ \"n\": 9 }"),
        EditCase("empty with a space", newLast, "{ }", "{ \"n\": 9 }"),
        EditCase(
            "empty on two lines", .member("n", "9", .last, "o"), "{\n\t\"o\": {\n\t}\n}",
            "{\n\t\"o\": {\n\t\t\"n\": 9\n\t}\n}"),
        EditCase(
            "empty but for a line of comment", .member("n", "9", .last, "o"), "{\n  \"o\": {\n    // none yet\n  }\n}",
            "{\n  \"o\": {\n    // none yet\n    \"n\": 9\n  }\n}"),
        EditCase("empty but for a comment", newLast, "{ /* none */ }", "{ /* none */ \"n\": 9 }"),
        EditCase("empty, CRLF", newLast, "{\r\n}", "{\r\n  \"n\": 9\r\n}"),
        EditCase("an empty list", .element("1", 0, "l"), "{\"l\":[]}", "{\"l\":[1]}"),

        // Lists
        EditCase("a list", .element("\"z\"", 2, "l"), #"{ "l": ["x", "y"] }"#, #"{ "l": ["x", "y", "z"] }"#),
        EditCase("the head of a list", .element("0", 0, "l"), "{ \"l\": [1, 2] }", "{ \"l\": [0, 1, 2] }"),
        EditCase(
            "a list of lines", .element("3", 2, "l"), "{\n  \"l\": [\n    1,\n    2, // two\n  ]\n}",
            "{\n  \"l\": [\n    1,\n    2, // two\n    3,\n  ]\n}"),

        // Removal
        EditCase("remove the only one", .remove("a"), "{ \"a\": 1 }", "{ }"),
        EditCase("remove the only one with a comma", .remove("a"), "{ \"a\": 1, }", "{ }"),
        EditCase("remove the only line", .remove("a"), "{\n  \"a\": 1\n}", "{\n}"),
        EditCase("remove the first", .remove("a"), "{ \"a\": 1, \"b\": 2 }", "{ \"b\": 2 }"),
        EditCase("remove from the middle", .remove("b"), "{ \"a\": 1, \"b\": 2, \"c\": 3 }", "{ \"a\": 1, \"c\": 3 }"),
        EditCase("remove the last", .remove("b"), "{ \"a\": 1, \"b\": 2 }", "{ \"a\": 1 }"),
        EditCase("remove the last with a comma", .remove("b"), "{ \"a\": 1, \"b\": 2, }", "{ \"a\": 1, }"),
        EditCase("remove, nothing between", .remove("b"), "{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":1,\"c\":3}"),
        EditCase(
            "remove a line with its comment", .remove("b"),
            "{\n  \"a\": 1, // one\n  // above\n  \"b\": 2, // two\n  \"c\": 3\n}",
            "{\n  \"a\": 1, // one\n  // above\n  \"c\": 3\n}"),
        EditCase(
            "remove the last line", .remove("b"), "{\n  \"a\": 1, // one\n  \"b\": 2\n  // end\n}",
            "{\n  \"a\": 1 // one\n  // end\n}"),
        EditCase(
            "remove the last line, CRLF", .remove("b"), "{\r\n  \"a\": 1,\r\n  \"b\": 2,\r\n}", "{\r\n  \"a\": 1,\r\n}"),
        EditCase(
            "remove several lines", .remove("b"), "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 1\n  },\n  \"d\": 2\n}",
            "{\n  \"a\": 1,\n  \"d\": 2\n}"),
        EditCase("remove the one behind the bracket", .remove("a"), "{ \"a\": 1,\n  \"b\": 2 }", "{ \"b\": 2 }"),
        EditCase("remove the one before the bracket", .remove("b"), "{ \"a\": 1,\n  \"b\": 2 }", "{ \"a\": 1 }"),
        EditCase(
            "remove the one before the bracket, behind a comment", .remove("b"), "{ \"a\": 1, // one\n  \"b\": 2 }",
            "{ \"a\": 1 // one\n }"),
        EditCase(
            "remove between comments", .remove("b"), "{ \"a\": 1, /* x */ \"b\": 2 /* y */, \"c\": 3 }",
            "{ \"a\": 1, /* x */ \"c\": 3 }"),
        EditCase(
            "remove the end of a line", .remove("b"), "{\n  \"a\": 1, \"b\": 2, // pair\n  \"c\": 3\n}",
            "{\n  \"a\": 1, // pair\n  \"c\": 3\n}"),
        EditCase(
            "remove the start of a line", .remove("b"), "{\n  \"a\": 1,\n  \"b\": 2, \"c\": 3\n}",
            "{\n  \"a\": 1,\n  \"c\": 3\n}"),
        EditCase(
            "remove, commas first", .remove("b"), "{ \"a\": 1\n, \"b\": 2\n, \"c\": 3\n}", "{ \"a\": 1\n, \"c\": 3\n}"),
        EditCase("remove the last, commas first", .remove("b"), "{ \"a\": 1\n, \"b\": 2\n}", "{ \"a\": 1\n}"),
        EditCase("remove from a list", .remove("l.0"), #"{ "l": ["x", "y"] }"#, #"{ "l": ["y"] }"#),
        EditCase("remove the end of a list", .remove("l.1"), #"{ "l": ["x", "y"] }"#, #"{ "l": ["x"] }"#),
    ]

    @Test(arguments: cases)
    func editsChangeNothingElse(edit: EditCase) throws {
        var text = try ConfigurationText(Array(edit.before.utf8))
        try text.make(edit.change)
        #expect(String(decoding: text.bytes, as: UTF8.self) == edit.after)
        #expect(try JSONReader.read(text.bytes, options: .configuration).value == text.root.value)
    }

    @Test(
        arguments: [
            .replace("x", "1"), .rename("x", "y", "1"), .member("n", "1", .after("x"), ""),
            .member("n", "1", .last, "a"),
            .member("n", "1", .last, "x.y"), .element("1", 3, "l"), .element("1", 0, "a"), .remove("x"), .remove("l.7"),
        ] as [EditCase.Change])
    func missingPlaceIsRefused(change: EditCase.Change) throws {
        let before = Array(#"{ "a": 1, "l": [1, 2] }"#.utf8)
        var text = try ConfigurationText(before)
        #expect { try text.make(change) } throws: { ($0 as? SignetError)?.code == "edit-not-found" }
        #expect(text.bytes == before)
    }

    @Test(arguments: ["1, \"b\": 2", "1 // ", "", "}", "1 /*"])
    func changeOfOtherMeaningIsRefused(value: String) throws {
        let before = Array("{ \"a\": 0 }".utf8)
        var text = try ConfigurationText(before)
        #expect { try text.replace(["a"], with: value) } throws: { ($0 as? SignetError)?.code == "edit-differs" }
        #expect(text.bytes == before)
    }

    @Test(arguments: [
        (#"{ "o": { "f": 1 } }"#, #"{ "f": 2, "g": "x" }"#), (#"{"o":{"f":1,"g":2}}"#, #"{"f":2,"g":"x"}"#),
        (#"{"o":{"f": 1}}"#, #"{"f": 2, "g": "x"}"#), ("{ \"o\": {} }", #"{ "f": 2, "g": "x" }"#),
        ("{ \"o\": {\n    \"f\": 1 // one\n  } }", "{\n    \"f\": 2,\n    \"g\": \"x\"\n  }"),
        ("{ \"o\": {\r\n\t\"f\" : 1,\r\n\t\"g\" : 2,\r\n} }", "{\r\n\t\"f\" : 2,\r\n\t\"g\" : \"x\",\r\n}"),
        ("{ \"o\": { \"f\": 1,\n         \"g\":   2 } }", "{ \"f\": 2,\n         \"g\": \"x\" }"),
    ])
    func objectTakesItsNeighboursLayout(neighbour: String, expected: String) throws {
        let text = try ConfigurationText(Array(neighbour.utf8))
        #expect(text.object(like: ["o"], [JSONMember("f", 2), JSONMember("g", "x")]) == expected)
    }
}

extension ConfigurationText {
    mutating func make(_ change: EditCase.Change) throws {
        func path(_ text: String) -> [String] { text.split(separator: ".").map(String.init) }
        switch change {
        case .replace(let place, let value): try replace(path(place), with: value)
        case .rename(let place, let name, let value): try replaceMember(path(place), name: name, with: value)
        case .member(let name, let value, let place, let container):
            try insertMember(name, value, place, in: path(container))
        case .element(let value, let index, let container): try insertElement(value, at: index, in: path(container))
        case .remove(let place): try remove(path(place))
        }
    }
}
