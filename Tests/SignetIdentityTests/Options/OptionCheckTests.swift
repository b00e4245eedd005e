import SignetIdentity
import SignetJOSE
import Testing

/// Options are checked against their declarations, and every fault has its byte offset.
@Suite struct OptionCheckTests {
    static let member = OptionDeclaration("a", .boolean, .required, "What a is for.")
    static let other = OptionDeclaration("b", .boolean, .optional("nothing happens"), "What b is for.")
    static let pair = [other, OptionDeclaration("c", .boolean, .optional("nothing happens"), "What c is for.")]
    static let tagged = OptionType.tagged(
        by: OptionDeclaration("kind", .string(.text), .required, "Which of them."),
        [("first", [member], []), ("second", pair, [.atMostOne(["b", "c"])])])

    struct Case: Sendable, CustomTestStringConvertible {
        let type: OptionType
        let json: String
        /// `offset path: message`, a line each.
        let faults: [String]

        init(_ type: OptionType, _ json: String, _ faults: String...) {
            self.type = type
            self.json = json
            self.faults = faults
        }

        var testDescription: String { json }
    }

    static let cases: [Case] = [
        .init(.string(.name), #""uk-store""#),
        .init(.string(.name), #""UK""#, #"0 : "UK" is not a name"#),
        .init(.string(.name), "1", "0 : it is a number, not a string"),
        .init(.string(.text), "null", "0 : it is null, not a string"),
        .init(.boolean, "true"),
        .init(.boolean, "false"),
        .init(.boolean, #""true""#, "0 : it is a string, not true or false"),
        .init(.boolean, "0", "0 : it is a number, not true or false"),
        .init(.integer(1...5), "1"),
        .init(.integer(1...5), "5"),
        .init(.integer(1...5), "0", "0 : 0 is not between 1 and 5"),
        .init(.integer(1...5), "6", "0 : 6 is not between 1 and 5"),
        .init(.integer(1...5), "2.0", "0 : it is a number, not a whole number"),
        .init(.integer(1...5), "2e0", "0 : it is a number, not a whole number"),
        .init(.integer(1...5), #""2""#, "0 : it is a string, not a whole number"),
        .init(.percentage, "12.5"),
        .init(.percentage, "100.000"),
        .init(.percentage, "100.001", "0 : 100.001 is not a percentage"),
        .init(.percentage, "1e1", "0 : 1e1 is not a percentage"),
        .init(.percentage, "-1", "0 : -1 is not a percentage"),
        .init(.percentage, #""50""#, "0 : it is a string, not a number"),
        .init(.duration(1_000...300_000), #""5m""#),
        .init(.duration(1_000...300_000), #""999ms""#, "0 : 999ms is not between 1s and 5m"),
        .init(.duration(1_000...300_000), #""6m""#, "0 : 6m is not between 1s and 5m"),
        .init(.duration(1_000...300_000), #""5 m""#, #"0 : "5 m" is not a duration"#),
        .init(.duration(1_000...300_000), "300", "0 : it is a number, not a duration in quotes"),
        .init(.choice(["eu", "us"]), #""eu""#),
        .init(.choice(["eu", "us"]), #""EU""#, #"0 : "EU" is not one of eu, us"#),
        .init(.choice(["eu", "us"]), "true", "0 : it is a boolean, not a string"),
        .init(.choice(["caf\u{E9}"]), #""cafe\u0301""#, "0 : \"cafe\u{301}\" is not one of caf\u{E9}"),
        .init(.list(.boolean, minimum: 1), "[true]"),
        .init(.list(.boolean, minimum: 1), "[]", "0 : it is empty"),
        .init(.list(.boolean, minimum: 2), "[true]", "0 : it has fewer than 2 elements"),
        .init(.list(.boolean, minimum: 0), "[]"),
        .init(
            .list(.boolean, minimum: 0), "[true, 1, 2]", "7 1: it is a number, not true or false",
            "10 2: it is a number, not true or false"),
        .init(.list(.boolean, minimum: 0), "{}", "0 : it is an object, not an array"),
        .init(.object([member, other], rules: []), #"{"a": true}"#),
        .init(.object([member, other], rules: []), "{}", "0 a: it is required"),
        .init(.object([member], rules: []), "[]", "0 : it is an array, not an object"),
        .init(
            .object([member], rules: []), #"{"a": true, "A": true}"#, "12 A: there is no member of this name"),
        .init(
            .object([member], rules: []), #"{"a": true, "a": 1}"#, "12 a: this member occurs twice in its object",
            "17 a: it is a number, not true or false"),
        .init(.object(pair, rules: [.exactlyOne(["b", "c"])]), #"{"b": true}"#),
        .init(.object(pair, rules: [.exactlyOne(["b", "c"])]), "{}", #"0 : it needs "b" or "c""#),
        .init(
            .object(pair, rules: [.exactlyOne(["b", "c"])]), #"{"b": true, "c": true}"#,
            #"17 : only one of "b" and "c" can be there"#),
        .init(.object(pair, rules: [.atMostOne(["b", "c"])]), "{}"),
        .init(
            .object(pair, rules: [.atMostOne(["b", "c"])]), #"{"b": true, "c": true}"#,
            #"17 : only one of "b" and "c" can be there"#),
        .init(.object(pair, rules: [.requires("b", "c")]), #"{"b": true, "c": true}"#),
        .init(.object(pair, rules: [.requires("b", "c")]), #"{"c": true}"#),
        .init(
            .object(pair, rules: [.requires("b", "c")]), #"{"b": true}"#, #"6 b: it goes with "c", which is missing"#),
        .init(.map(names: .name, values: .boolean), #"{"x": true, "y": false}"#),
        .init(
            .map(names: .name, values: .boolean), #"{"X": 1}"#, #"1 X: "X" is not a name"#,
            "6 X: it is a number, not true or false"),
        .init(
            .map(names: .name, values: .boolean), #"{"x": true, "x": true}"#,
            "12 x: this member occurs twice in its object"),
        .init(.map(names: .name, values: .boolean), "true", "0 : it is a boolean, not an object"),
        .init(.stringOr(.name, .boolean), #""x""#),
        .init(.stringOr(.name, .boolean), "true"),
        .init(.stringOr(.name, .boolean), #""X""#, #"0 : "X" is not a name"#),
        .init(.stringOr(.name, .boolean), "1", "0 : it is a number, not a string or true or false"),
        .init(tagged, #"{"kind": "first", "a": true}"#),
        .init(tagged, #"{"a": true}"#, "0 kind: it is required"),
        .init(tagged, #"{"kind": "third"}"#, #"9 kind: "third" is not one of first, second"#),
        .init(tagged, #"{"kind": 1}"#, "9 kind: it is a number, not a string"),
        .init(tagged, #"{"kind": "first", "b": true}"#, "18 b: there is no member of this name", "0 a: it is required"),
        .init(
            tagged, #"{"kind": "second", "b": true, "c": true}"#, #"35 : only one of "b" and "c" can be there"#),
        .init(tagged, "[]", "0 : it is an array, not an object"),
        .init(.mappedValue, #""subject""#),
        .init(.mappedValue, #"{"value": "x"}"#),
        .init(.mappedValue, #"{"from": "email", "required": false}"#),
        .init(.mappedValue, #""sub""#, #"0 : "sub" is not a source"#),
        .init(.mappedValue, "{}", #"0 : it needs "from" or "value""#),
        .init(
            .mappedValue, #"{"value": "x", "required": true}"#, #"27 required: it goes with "from", which is missing"#),
    ]

    private func check(_ type: OptionType, _ json: String) throws -> [OptionCheck.Fault] {
        var check = OptionCheck()
        check.check(try JSONReader.read(json.utf8, options: .configuration), as: type, at: [])
        return check.faults
    }

    @Test(arguments: cases)
    func faultsHaveTheirPositions(testCase: Case) throws {
        let faults = try check(testCase.type, testCase.json)
        #expect(faults.map { "\($0.offset) \($0.path.joined(separator: ".")): \($0.message)" } == testCase.faults)
    }

    @Test func allFaultsAreReportedAtOnce() throws {
        let type = OptionType.object(
            [
                Self.member,
                OptionDeclaration("list", .list(.choice(["x"]), minimum: 0), .optional("nothing"), "A list."),
                OptionDeclaration("map", .map(names: .name, values: .integer(0...9)), .required, "A map."),
            ], rules: [.requires("list", "rest")])
        let json = """
            {
              // A comment does not shift later offsets.
              "lst": 1,
              "list": ["y", "x", 2],
              "map": {"ok": 10, "é": 1,},
            }
            """
        let faults = try check(type, json)
        let lines = faults.map { fault in
            let position = TextPosition(offset: fault.offset, in: Array(json.utf8))
            return "\(position.line):\(position.column) \(fault.path.joined(separator: ".")): \(fault.message)"
        }
        #expect(
            lines == [
                "3:3 lst: there is no member of this name", #"4:12 list.0: "y" is not one of x"#,
                "4:22 list.2: it is a number, not a string", "5:17 map.ok: 10 is not between 0 and 9",
                #"5:21 map.é: "é" is not a name"#, "1:1 a: it is required",
                #"4:11 list: it goes with "rest", which is missing"#,
            ])
        #expect(faults[0].hint == #"did you mean "list"?"#)
        #expect(faults[1].hint == nil)
        #expect(faults[5].hint == "What a is for.")
    }
}
