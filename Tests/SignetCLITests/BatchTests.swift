import SignetJOSE
import SignetTestSupport
import Testing

@Suite struct BatchTests {
    /// Lines that fail in all ways at known places, and the codes of their answers.
    private static func line(_ number: Int) -> (text: String, code: String?) {
        switch number % 1000 {
        case 17: ("{\"subject\":\"\(number)\"}", "identity-incomplete")
        case 101: ("not JSON", "identity-malformed")
        case 333: ("{\"anonymous\":true}", "nothing-to-sign")
        case 500: ("", "identity-malformed")
        case 640: ("{\"subject\":\"\(String(repeating: "x", count: 70_000))\"}", "line-too-long")
        case 777:
            (
                "{\"subject\":\"\(number)\",\"email\":\"e\",\"attributes\":{\"plan\":\"\(String(repeating: "p", count: 14_000))\"}}",
                "token-too-large"
            )
        case 999: ("{\"subject\":\"\(String(repeating: "x", count: 257))\",\"email\":\"e\"}", "identity-malformed")
        default: ("{\"subject\":\"\(number)\",\"email\":\"e\"}", nil)
        }
    }

    @Test func twentyThousandLinesHaveResultsInOrderWithFailuresInPlace() throws {
        let workplace = try Workplace()
        let count = 20_000
        let lines = (1...count).map(Self.line)
        try workplace.directory.write(lines.map { $0.text + "\n" }.joined(), to: "ids.ndjson")
        let outcome = try workplace.signet("sign", "talkative", "--batch", "ids.ndjson")
        #expect(outcome.status == 1)
        #expect(outcome.notes == ["signet: error: 140 of 20000 lines could not be signed"])
        let answers = outcome.lines
        try #require(answers.count == count)
        var wrong: [Int] = []
        for (index, answer) in answers.enumerated() {
            let json = try JSONReader.value(answer.utf8)
            let isInPlace = json["line"]?.integer == Int64(index + 1)
            let isAnswered = json["error"]?["code"]?.string == lines[index].code
            let isWhole = try lines[index].code != nil || Self.subject(json) == "\(index + 1)"
            if !isInPlace || !isAnswered || !isWhole { wrong.append(index + 1) }
        }
        #expect(wrong == [])
    }

    private static func subject(_ answer: JSONValue) throws -> String? {
        let token = try CompactJWS(parsing: answer["token"]?.string ?? "")
        return try token.jsonPayload().array?.first?["data"]?.string
    }

    @Test func nullMemberCountsAsAbsent() throws {
        let lines = """
            {"subject":"1","email":"e","name":null,"phone":null,"attributes":null,"page":null}
            {"subject":"2","email":null}
            {"subject":null,"email":"e"}

            """
        let outcome = try Workplace().signet(["sign", "talkative", "--batch", "-"], input: lines)
        #expect(outcome.status == 1)
        let answers = try outcome.lines.map { try JSONReader.value($0.utf8) }
        #expect(
            answers.map { $0["error"]?["code"]?.string } == [nil, "identity-incomplete", "identity-malformed"])
        #expect(try answers.first.map(Self.subject) == "1")
    }

    @Test func batchResultEqualsSingleSignResult() throws {
        let workplace = try Workplace()
        let identity = #"{"subject":"7","email":"e","context":{"brand":"acme"}}"#
        // Both are signed in one second, sooner or later.
        for _ in 0..<200 {
            let alone = try workplace.signet(
                ["sign", "support", "--identity", "-", "--output", "json"], input: identity)
            let batch = try workplace.signet(["sign", "support", "--batch", "-"], input: identity)
            let (left, right) = (try JSONReader.value(alone.output.utf8), try JSONReader.value(batch.output.utf8))
            guard left["issuedAt"] == right["issuedAt"] else { continue }
            #expect(batch.output == #"{"line":1,"# + alone.output.dropFirst())
            return
        }
        Issue.record("no two calls fell into one second")
    }

    @Test func textResultIsOnlyTheToken() throws {
        let outcome = try Workplace().signet(
            ["sign", "dg", "--batch", "-", "--output", "text"],
            input: "{\"subject\":\"1\"}\n{\"anonymous\":true}\nnot JSON\n{\"subject\":\"2\"}\n")
        #expect(outcome.status == 1)
        let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines.count == 5)
        for (line, subject) in [(lines[0], "1"), (lines[3], "2")] {
            #expect(try CompactJWS(parsing: line).jsonPayload()["external_id"]?.string == subject)
        }
        #expect([lines[1], lines[2], lines[4]] == ["", "", ""])
        #expect(outcome.notes.first == "signet: error: line 2: DG has no auth token for an anonymous visitor")
        #expect(outcome.notes[1].hasPrefix("signet: error: line 3: not strict JSON: "))
        #expect(outcome.notes[1].hasSuffix(", at column 1"))
        #expect(outcome.notes.last == "signet: error: 2 of 4 lines could not be signed")
        #expect(outcome.notes.count == 3)
    }

    @Test func jsonIsTheDefaultOfABatch() throws {
        let outcome = try Workplace().signet(
            ["sign", "dg", "--batch", "-", "--output", "json"], input: "{\"subject\":\"1\"}\n")
        #expect(outcome.output.hasPrefix(#"{"line":1,"route":"dg","#))
    }

    @Test(arguments: [
        ("{\"subject\":\"1\"}\n{\"subject\":\"2\"}", 2), ("{\"subject\":\"1\"}\r\n{\"subject\":\"2\"}\r\n", 2),
        ("{\"subject\":\"1\"}\n{\"subject\":\"2\"}\n", 2),
    ])
    func everyLineEndIsAccepted(input: String, count: Int) throws {
        let outcome = try Workplace().signet(["sign", "dg", "--batch", "-"], input: input)
        #expect(outcome.status == 0)
        #expect(outcome.lines.count == count)
        #expect(!outcome.output.contains("error"))
        #expect(outcome.errors == "")
    }

    @Test(arguments: [("-", "standard input"), ("empty.ndjson", "empty.ndjson")])
    func emptyBatchIsAnError(path: String, name: String) throws {
        let workplace = try Workplace()
        try workplace.directory.write("", to: "empty.ndjson")
        let outcome = try workplace.signet("sign", "dg", "--batch", path)
        #expect(outcome.status == 1)
        #expect(outcome.output == "")
        #expect(outcome.notes == ["signet: error: \(name) holds no identity"])
    }

    @Test(arguments: [(65_536, Int32(0)), (65_537, 1)])
    func lineOver64KiBIsRefused(length: Int, status: Int32) throws {
        let head = "{\"subject\":\"1\""
        let line = head + String(repeating: " ", count: length - head.utf8.count - 1) + "}"
        let outcome = try Workplace().signet(["sign", "dg", "--batch", "-"], input: "\(line)\n{\"subject\":\"2\"}\n")
        #expect(outcome.status == status)
        #expect(outcome.lines.count == 2)
        #expect(outcome.output.contains("line-too-long") == (status == 1))
        #expect(outcome.lines.last?.hasPrefix(#"{"line":2,"route":"dg","#) == true)
    }

    @Test func lineCanNameItsSession() throws {
        let outcome = try Workplace().signet(
            ["sign", "pega", "--batch", "-"], input: "{\"subject\":\"1\",\"sessionId\":\"s-1\"}\n{\"subject\":\"1\"}\n")
        #expect(outcome.status == 1)
        #expect(outcome.lines.first?.contains("/private-data") == true)
        #expect(
            outcome.lines.last
                == #"{"line":2,"error":{"code":"session-required","message":"a Pega JWT is for one session, or for creating one"}}"#
        )
        let created = try Workplace().signet(
            ["sign", "pega", "--for", "create", "--batch", "-"], input: "{\"anonymous\":true}\n")
        #expect(created.status == 0)
        #expect(created.output.contains(#""body":"{}""#))
    }

    @Test func eachLineIsAnsweredBeforeTheNextIsWritten() throws {
        let workplace = try Workplace()
        let signet = try Coprocess(["sign", "dg", "--batch", "-"], in: workplace.directory)
        for number in 1...50 {
            try signet.write(Array("{\"subject\":\"\(number)\"}\n".utf8))
            let answer = try #require(try signet.readLine())
            #expect(answer.hasPrefix("{\"line\":\(number),\"route\":\"dg\","))
        }
        #expect(try signet.finish() == 0)
    }

    /// Not under a sanitizer, which keeps what is freed.
    @Test(.enabled(if: !Sanitizer.isActive)) func memoryDoesNotGrowWithTheInput() throws {
        let workplace = try Workplace()
        let signet = try Coprocess(["sign", "dg", "--batch", "-"], in: workplace.directory)
        func feed(_ count: Int) throws -> Int {
            signet.writeInBackground(count) { Array("{\"subject\":\"\($0)\",\"email\":\"ada@example.com\"}\n".utf8) }
            try signet.skip(lines: count)
            return try signet.peakMemory()
        }
        let early = try feed(40_000)
        let late = try feed(160_000)
        #expect(early > 0)
        #expect(late < early + 8 * 1024, "\(early) KiB after 40,000 lines, \(late) KiB after 200,000")
        #expect(late < 64 * 1024)
        #expect(try signet.finish() == 0)
    }

    @Test func progressIsShownOnlyOnATerminal() throws {
        let workplace = try Workplace()
        try workplace.directory.write(String(repeating: "{\"subject\":\"1\"}\n", count: 200), to: "ids")
        #expect(try workplace.signet("sign", "dg", "--batch", "ids").errors == "")
        let terminal = try Terminal()
        let status = try terminal.run(["sign", "dg", "--batch", "ids"], in: workplace.directory)
        #expect(status == 0)
        #expect(try terminal.text().contains("200 lines, 0 failed, "))
    }

    @Test func missingBatchFileHasStatusThree() throws {
        let outcome = try Workplace().signet("sign", "dg", "--batch", "nowhere")
        #expect(outcome.status == 3)
        #expect(outcome.notes == ["signet: error: nowhere: no such file"])
    }
}

/// What is no file of one identity a line is named once; what belongs to every line is asked for once.
@Suite struct BatchInputTests {
    private static let wanted = ", but one JSON object per line is needed (NDJSON)"
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
        (Array("{\n  \"subject\": \"1\"\n}\n".utf8), "the input is JSON on several lines"),
    ]

    @Test(arguments: forms, [["sign", "dg", "--batch"], ["migrate", "preview", "moving", "--identities"]])
    func otherInputFormatIsReportedOnce(form: (input: [UInt8], error: String), command: [String]) throws {
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
    func invalidFirstLineGetsAnErrorInItsPlace(line: String) throws {
        let outcome = try Workplace().signet(
            ["sign", "dg", "--batch", "-"], input: "\(line)\n\(Self.identity)\n")
        #expect(outcome.status == 1)
        #expect(outcome.lines.count == 2)
        #expect(try JSONReader.value(outcome.lines[0].utf8)["error"]?["code"] == "identity-malformed")
        #expect(try JSONReader.value(outcome.lines[1].utf8)["vendor"] == "dg")
    }

    // MARK: A session

    @Test func missingSessionStopsTheBatchOnce() throws {
        let input = String(repeating: Self.identity + "\n", count: 1000)
        let outcome = try Workplace().signet(["sign", "pega", "--batch", "-"], input: input)
        #expect(outcome.status == 2)
        #expect(outcome.output == "")
        #expect(
            outcome.notes == [
                "signet: error: line 1: a Pega JWT is for one session, or for creating one",
                "signet: hint: --session SID names an existing session; --for create is for creating one",
            ])
    }

    @Test func linesBeforeTheMissingSessionAreAnswered() throws {
        let workplace = try Workplace(
            Workplace.configuration.replacing(
                #""connection": "dg-eu" } ]"#, with: #""connection": "pega-us" } ]"#))
        let other = #"{"subject":"2","email":"e","context":{"brand":"acme"}}"#
        let outcome = try workplace.signet(
            ["sign", "support", "--batch", "-"], input: "\(Self.identity)\n\(other)\n\(Self.identity)\n")
        #expect(outcome.status == 2)
        #expect(outcome.lines.count == 1)
        #expect(outcome.lines.first?.hasPrefix(#"{"line":1,"route":"support","vendor":"talkative""#) == true)
        #expect(outcome.notes.first == "signet: error: line 2: a Pega JWT is for one session, or for creating one")
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
            #"{"line":1,"error":{"code":"identity-malformed","message":"/ref: ref is an object and not a string or a number"}}"#
        ),
        (#"{"ref":true,"subject":"1"}"#, #"{"line":1,"error":{"code":"identity-malformed","message":"/ref: "#),
    ])
    func resultRepeatsTheReferenceOfTheLine(line: String, answer: String) throws {
        let outcome = try Workplace().signet(["sign", "dg", "--batch", "-"], input: line)
        #expect(outcome.lines.count == 1)
        #expect(outcome.output.hasPrefix(answer), "\(outcome.output)")
        #expect(outcome.status == (answer.contains("error") ? 1 : 0))
    }

    @Test func referenceOutsideABatchIsRefused() throws {
        let outcome = try Workplace().signet(
            ["sign", "dg", "--identity", "-"], input: #"{"subject":"1","ref":"a"}"#)
        #expect(outcome.status == 2)
        #expect(outcome.notes.first == "signet: error: /ref: there is no member of that name")
    }

    @Test func previewAcceptsLinesWithAReference() throws {
        let outcome = try Workplace().signet(
            ["migrate", "preview", "moving", "--identities", "-", "--output", "json"],
            input: #"{"subject":"1","email":"e","ref":"a"}"# + "\n")
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
    }

    // MARK: Progress

    @Test func progressHasAPercentageIfTheSizeIsKnown() throws {
        let workplace = try Workplace()
        try workplace.directory.write(String(repeating: Self.identity + "\n", count: 200), to: "ids")
        let terminal = try Terminal()
        #expect(try terminal.run(["sign", "dg", "--batch", "ids"], in: workplace.directory) == 0)
        #expect(try terminal.text().contains("100 %, 200 lines, 0 failed, "))
        // Of a device nobody knows how long it is.
        let other = try Terminal()
        #expect(try other.run(["sign", "dg", "--batch", "/dev/null"], in: workplace.directory) == 1)
        let text = try other.text()
        #expect(text.contains("0 lines, 0 failed, "))
        #expect(!text.contains("%"))
    }
}
