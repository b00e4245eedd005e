import SignetJOSE
import SignetTestSupport
import Testing

/// What is no file of one identity a line is named once; what belongs to every line is asked for once.
@Suite struct BatchFormTests {
    private static let wanted = ", and one JSON object a line is wanted (NDJSON)"
    private static let identity = #"{"subject":"1","email":"e"}"#

    private static let forms: [(input: [UInt8], error: String)] = [
        (Array("subject,email\n1,ada@example.com\n".utf8), "the input looks like CSV"),
        (Array("\"subject\";\"email\"\r\n1;e\r\n".utf8), "the input looks like CSV"),
        (Array("1\tada@example.com\n".utf8), "the input looks like CSV"),
        (Array("Subject\n1\n2\n".utf8), "the input looks like CSV"),
        ([0xEF, 0xBB, 0xBF] + Array("\(identity)\n".utf8), "the input begins with a byte order mark"),
        ([0xFF, 0xFE] + Array("{".utf8).flatMap { [$0, 0] }, "the input is UTF-16"),
        ([0xFE, 0xFF, 0, 0x7B], "the input is UTF-16"),
        (Array("[\(identity),\(identity)]".utf8), "the input is a JSON array"),
        (Array("\n  [\n  \(identity),\n  \(identity)\n]\n".utf8), "the input is a JSON array"),
        (
            // Longer than a line can be, and than what is read at once.
            Array("[\(String(repeating: "\(identity),", count: 60_000))\(identity)]".utf8), "the input is a JSON array"
        ),
        (Array("{\n  \"subject\": \"1\"\n}\n".utf8), "the input is JSON over several lines"),
    ]

    @Test(arguments: forms, [["sign", "dg", "--batch"], ["migrate", "preview", "moving", "--identities"]])
    func anotherFormIsNamedOnce(form: (input: [UInt8], error: String), command: [String]) throws {
        let workplace = try Workplace()
        try workplace.directory.write(form.input, to: "ids")
        let outcome = try workplace.signet(command + ["ids"])
        #expect(outcome.status == 2)
        #expect(outcome.output == "")
        #expect(outcome.notes.count == 2)
        #expect(outcome.notes.first == "signet: error: \(form.error)\(Self.wanted)")
        #expect(outcome.notes.last?.hasPrefix("signet: hint: ") == true)
    }

    @Test(arguments: ["not JSON", "{\"subject\"", "\"\"", "{ \"subject\": \"1\""])
    func aFirstLineThatIsOnlyWrongIsAnsweredInItsPlace(line: String) throws {
        let outcome = try Workplace().signet(
            ["sign", "dg", "--batch", "-"], input: "\(line)\n\(Self.identity)\n")
        #expect(outcome.status == 1)
        #expect(outcome.lines.count == 2)
        #expect(try JSONReader.value(outcome.lines[0].utf8)["error"]?["code"] == "identity-malformed")
        #expect(try JSONReader.value(outcome.lines[1].utf8)["vendor"] == "dg")
    }

    // MARK: A session

    @Test func aMissingForStopsTheBatchOnce() throws {
        let input = String(repeating: Self.identity + "\n", count: 1000)
        let outcome = try Workplace().signet(["sign", "pega", "--batch", "-"], input: input)
        #expect(outcome.status == 2)
        #expect(outcome.output == "")
        #expect(
            outcome.notes == [
                "signet: error: line 1: a Pega JWT is for one session or for making one",
                "signet: hint: --session SID signs for a session that exists, --for create for making one",
            ])
    }

    @Test func theLinesBeforeTheOneThatNeedsASessionAreAnswered() throws {
        let workplace = try Workplace(
            Workplace.configuration.replacing(
                #""connection": "dg-eu" } ]"#, with: #""connection": "pega-us" } ]"#))
        let other = #"{"subject":"2","email":"e","context":{"brand":"acme"}}"#
        let outcome = try workplace.signet(
            ["sign", "support", "--batch", "-"], input: "\(Self.identity)\n\(other)\n\(Self.identity)\n")
        #expect(outcome.status == 2)
        #expect(outcome.lines.count == 1)
        #expect(outcome.lines.first?.hasPrefix(#"{"line":1,"route":"support","vendor":"talkative""#) == true)
        #expect(outcome.notes.first == "signet: error: line 2: a Pega JWT is for one session or for making one")
    }

    // MARK: A reference

    @Test(arguments: [
        (#"{"subject":"1","ref":"order 7"}"#, #"{"line":1,"ref":"order 7","route":"dg","#),
        (#"{"ref":7,"subject":"1"}"#, #"{"line":1,"ref":7,"route":"dg","#),
        (#"{"ref":1.50,"subject":"1"}"#, #"{"line":1,"ref":1.50,"route":"dg","#),
        (#"{"ref":null,"subject":"1"}"#, #"{"line":1,"route":"dg","#),
        (#"{"ref":"é\n\u001b","subject":"1"}"#, #"{"line":1,"ref":"é\n\u001b","route":"dg","#),
        (#"{"ref":"a","subject":""}"#, #"{"line":1,"ref":"a","error":{"code":"identity-malformed","#),
        (#"{"ref":"a","anonymous":true}"#, #"{"line":1,"ref":"a","error":{"code":"nothing-to-sign","#),
        (
            #"{"ref":{},"subject":"1"}"#,
            #"{"line":1,"error":{"code":"identity-malformed","message":"/ref: ref is an object, not a string or a number"}}"#
        ),
        (#"{"ref":true,"subject":"1"}"#, #"{"line":1,"error":{"code":"identity-malformed","message":"/ref: "#),
    ])
    func theAnswerRepeatsTheLinesReference(line: String, answer: String) throws {
        let outcome = try Workplace().signet(["sign", "dg", "--batch", "-"], input: line)
        #expect(outcome.lines.count == 1)
        #expect(outcome.output.hasPrefix(answer), "\(outcome.output)")
        #expect(outcome.status == (answer.contains("error") ? 1 : 0))
    }

    @Test func aReferenceIsOfABatchAlone() throws {
        let outcome = try Workplace().signet(
            ["sign", "dg", "--identity", "-"], input: #"{"subject":"1","ref":"a"}"#)
        #expect(outcome.status == 2)
        #expect(outcome.notes.first == "signet: error: /ref: there is no member of that name")
    }

    @Test func previewTakesLinesWithAReference() throws {
        let outcome = try Workplace().signet(
            ["migrate", "preview", "moving", "--identities", "-", "--output", "json"],
            input: #"{"subject":"1","email":"e","ref":"a"}"# + "\n")
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
    }

    // MARK: Progress

    @Test func progressHasAShareWhereTheSizeIsKnown() throws {
        let workplace = try Workplace()
        try workplace.directory.write(String(repeating: Self.identity + "\n", count: 200), to: "ids")
        let terminal = try Terminal()
        #expect(try terminal.run(["sign", "dg", "--batch", "ids"], in: workplace.directory) == 0)
        #expect(try terminal.text().contains("100 %, 200 lines, 0 failed, "))
        // Of a device nobody knows how long it is.
        let other = try Terminal()
        #expect(try other.run(["sign", "dg", "--batch", "/dev/null"], in: workplace.directory) == 0)
        let text = try other.text()
        #expect(text.contains("0 lines, 0 failed, "))
        #expect(!text.contains("%"))
    }
}
