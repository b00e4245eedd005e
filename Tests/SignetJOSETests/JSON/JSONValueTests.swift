import SignetJOSE
import Testing

@Suite struct JSONValueTests {
    let value: JSONValue = ["s": "text", "i": 7, "b": true, "n": .null, "a": [1, "x"], "o": ["inner": 1]]

    @Test func membersAreFoundByName() {
        #expect(value["s"]?.string == "text")
        #expect(value["i"]?.integer == 7)
        #expect(value["a"]?.array == [1, "x"])
        #expect(value["o"]?["inner"] == 1)
        #expect(value["o"]?.members == [JSONMember("inner", 1)])
        #expect(value["n"] == .null)
        #expect(value["missing"] == nil)
    }

    @Test(arguments: [JSONValue.null, true, 1, "s", [], [:]])
    func valueHasOnlyItsOwnKind(value: JSONValue) {
        let kinds = [value.string != nil, value.integer != nil, value.array != nil, value.members != nil]
        #expect(kinds.filter(\.self).count == (value == .null || value == true ? 0 : 1))
        #expect(value["s"] == nil)
    }

    @Test func namesAreComparedByteForByte() {
        let value: JSONValue = ["cl\u{E9}": 1]
        #expect(value["cl\u{E9}"] == 1)
        #expect(value["cle\u{301}"] == nil)
    }

    @Test func numbersKeepTheirText() {
        #expect(JSONNumber(UInt8.max).text == "255")
        #expect(JSONNumber(Int64.min).integer == .min)
        #expect(JSONNumber(UInt64.max).integer == nil)
        #expect(JSONNumber(1) == JSONNumber(Int8(1)))
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("1800000000", 1_800_000_000), ("1800000000.999", 1_800_000_000),
            ("1.8e9", 1_800_000_000),
            ("-1.5", -1), ("-0.9", 0), ("0.18E+10", 1_800_000_000), ("0.000018e14", 1_800_000_000), ("18e-1", 1),
            ("18e-2", 0),
            ("1234.5678e2", 123_456), ("1e18", 1_000_000_000_000_000_000), ("0e999999999999999999999", 0),
            ("9007199254740993.0", 9_007_199_254_740_993), ("9223372036854775807.9", .max),
            ("9223372036854775808.0", .max),
            ("-9223372036854775808", .min), ("-9223372036854775809.5", .min), ("1e400", .max), ("-1e400", .min),
            ("1e-400", 0), ("1e99999999999999999999", .max), ("-1e99999999999999999999", .min),
            ("1e-99999999999999999999", 0),
            ("1e9223372036854775807", .max), ("100e-9223372036854775808", 0),
        ] as [(String, Int64)])
    func integerPartIsTakenFromTheText(text: String, value: Int64) throws {
        guard case .number(let number) = try JSONReader.value(text.utf8) else {
            Issue.record("no number")
            return
        }
        #expect(number.integerPart == value)
    }

    @Test func objectsInAnotherOrderAreNotEqual() {
        #expect((["a": 1, "b": 2] as JSONValue) != ["b": 2, "a": 1])
    }

    @Test func positionsAreCountedAsInEditors() {
        let text = Array("a\né🙂b\n\nc".utf8)
        let places = [0, 1, 2, 4, 8, 9, 10, 11].map { TextPosition(offset: $0, in: text) }
        #expect(places.map(\.line) == [1, 1, 2, 2, 2, 2, 3, 4])
        #expect(places.map(\.column) == [1, 2, 1, 2, 3, 4, 1, 1])
        #expect(places.map(\.offset) == [0, 1, 2, 4, 8, 9, 10, 11])
    }
}
