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
    func aValueIsOnlyWhatItIs(value: JSONValue) {
        let kinds = [value.string != nil, value.integer != nil, value.array != nil, value.members != nil]
        #expect(kinds.filter(\.self).count == (value == .null || value == true ? 0 : 1))
        #expect(value["s"] == nil)
    }

    @Test func namesAreComparedByteForByte() {
        let value: JSONValue = ["cl\u{E9}": 1]
        #expect(value["cl\u{E9}"] == 1)
        #expect(value["cle\u{301}"] == nil)
    }

    @Test func numbersAreTheirText() {
        #expect(JSONNumber(UInt8.max).text == "255")
        #expect(JSONNumber(Int64.min).integer == .min)
        #expect(JSONNumber(UInt64.max).integer == nil)
        #expect(JSONNumber(1) == JSONNumber(Int8(1)))
    }

    @Test func objectsInAnotherOrderAreOthers() {
        #expect((["a": 1, "b": 2] as JSONValue) != ["b": 2, "a": 1])
    }

    @Test func positionsCountAsEditorsDo() {
        let text = Array("a\né🙂b\n\nc".utf8)
        let places = [0, 1, 2, 4, 8, 9, 10, 11].map { TextPosition(offset: $0, in: text) }
        #expect(places.map(\.line) == [1, 1, 2, 2, 2, 2, 3, 4])
        #expect(places.map(\.column) == [1, 2, 1, 2, 3, 4, 1, 1])
        #expect(places.map(\.offset) == [0, 1, 2, 4, 8, 9, 10, 11])
    }
}
