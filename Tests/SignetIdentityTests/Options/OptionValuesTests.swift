import SignetIdentity
import SignetJOSE
import SignetSystem
import Testing

/// Options as a plugin reads them: the written value or the default.
@Suite struct OptionValuesTests {
    private static let declarations = [
        OptionDeclaration("text", .string(.text), .defaults("d"), "A text."),
        OptionDeclaration("flag", .boolean, .defaults(true), "A flag."),
        OptionDeclaration("off", .boolean, .optional("it is off"), "A flag."),
        OptionDeclaration("count", .integer(0...9), .defaults(3), "A count."),
        OptionDeclaration("time", .duration(0...9_000), .defaults("2s"), "A time."),
        OptionDeclaration("share", .percentage, .optional("nobody"), "A share."),
        OptionDeclaration("words", .list(.string(.text), minimum: 0), .defaults(["a", "b"]), "Words."),
        OptionDeclaration("value", .mappedValue, .defaults("subject"), "A value."),
        OptionDeclaration(
            "values", .map(names: .text, values: .mappedValue), .defaults(["z": "email", "a": "name"]), "Values."),
        OptionDeclaration("none", .string(.text), .optional("nothing"), "Nothing."),
    ]

    private func values(_ json: String) throws -> OptionValues {
        OptionValues(try JSONReader.read(json.utf8), declared: Self.declarations)
    }

    @Test func defaultsAreUsed() throws {
        let values = try values("{}")
        #expect(values.text("text") == "d")
        #expect(values.boolean("flag"))
        #expect(!values.boolean("off"))
        #expect(values.integer("count") == 3)
        #expect(values.milliseconds("time") == 2_000)
        #expect(values.percentage("share") == nil)
        #expect(values.strings("words") == ["a", "b"])
        #expect(values.mappedValue("value") == .from(.subject))
        #expect(values.mappedValues("values")?.map(\.name) == ["z", "a"])
        #expect(values.string("none") == nil)
        #expect(values.text("none") == "")
        #expect(values.objects("none") == nil)
        #expect(!values.has("text"))
        #expect(values.value("count") == 3)
        #expect(values.value("undeclared") == nil)
    }

    @Test func writtenValuesAreUsed() throws {
        let values = try values(
            #"""
            {"text": "t", "flag": false, "off": true, "count": 9, "time": "250ms", "share": 12.5, "words": [],
             "value": {"value": "v"}, "values": {"y": {"from": "phone", "required": false}, "b": "subject"}, "none": "n"}
            """#)
        #expect(values.string("text") == "t")
        #expect(!values.boolean("flag"))
        #expect(values.boolean("off"))
        #expect(values.integer("count") == 9)
        #expect(values.milliseconds("time") == 250)
        #expect(values.percentage("share")?.thousandths == 12_500)
        #expect(values.strings("words") == [])
        #expect(values.mappedValue("value") == .literal("v"))
        let mapped = try #require(values.mappedValues("values"))
        #expect(mapped.map(\.name) == ["y", "b"])
        #expect(mapped.map(\.value) == [.from(.phone, required: false), .from(.subject)])
        #expect(values.text("none") == "n")
        #expect(values.has("text"))
    }

    @Test func faultIsDescribedByPointerAndReason() {
        let fault = SignetError(option: "fields", "0", "label", message: "it is wrong", hint: "write it right")
        #expect("\(fault)" == "/fields/0/label: it is wrong")
        #expect(
            fault == SignetError(optionPath: ["fields", "0", "label"], message: "it is wrong", hint: "write it right"))
        #expect("\(SignetError(optionPath: [], message: "it is wrong"))" == "it is wrong")
    }
}
