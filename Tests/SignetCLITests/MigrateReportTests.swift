import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

@Suite struct MigrateReportTests {
    /// What the gateway recorded: who, when, on which side and why.
    private struct Signed {
        let tag: String?
        let second: Int64
        let side: String
        let reason: String
        /// The request's id, where it has more lines than this.
        let request: String?

        init(
            _ tag: String?, at second: Int64, _ side: String, _ reason: String = "percent", request: String? = nil
        ) {
            (self.tag, self.second, self.side, self.reason, self.request) = (tag, second, side, reason, request)
        }
    }

    private static let midnight: Int64 = 1_800_057_600

    /// Lines as the gateway writes them.
    private static func lines(_ signed: [Signed], route: String = "help") async throws -> [String] {
        let directory = try ScratchDirectory()
        let key = try HS256Key(secret: SecretBytes(copying: Array(repeating: 7, count: 32)))
        let file = try AuditFile(path: directory.path("audit.jsonl"), key: key)
        for (index, one) in signed.enumerated() {
            try await file.record(
                AuditEntry(
                    time: NumericDate(seconds: midnight + one.second), requestID: one.request ?? "r\(index)",
                    caller: "shop",
                    right: .badge, route: route, vendor: "dg", connection: "dg-eu", key: "dg", subjectTag: one.tag,
                    expiresAt: nil,
                    decision: one.side.isEmpty ? nil : AuditEntry.Decision(side: one.side, reason: one.reason)))
        }
        return try directory.text("audit.jsonl").split(separator: "\n").map { "\($0)\n" }
    }

    /// One customer of each kind, over two days.
    private static func twoDays() async throws -> [String] {
        try await lines([
            Signed("new-MARKER", at: 10, "to"), Signed("new-MARKER", at: 20, "to"),
            Signed("raised-MARKER", at: 30, "from"), Signed("raised-MARKER", at: 40, "to"),
            Signed("lowered-MARKER", at: 50, "to"), Signed("lowered-MARKER", at: 60, "from"),
            Signed("failed-MARKER", at: 70, "to", request: "f"),
            Signed("failed-MARKER", at: 73, "from", "fallback", request: "f"),
            Signed("chatting-MARKER", at: 80, "to", "cohort"), Signed("chatting-MARKER", at: 90, "from", "ongoing"),
            Signed(nil, at: 95, "to", "anonymous"), Signed("new-MARKER", at: 86_400, "from"),
            Signed("before-MARKER", at: 86_401, ""),
        ])
    }

    private static let expected = """
        day         side  reason     signed  customers
        2027-01-16  to    percent         4          3
        2027-01-16  to    cohort          1          1
        2027-01-16  to    anonymous       1          0
        2027-01-16  from  percent         2          2
        2027-01-16  from  ongoing         1          1
        2027-01-16  from  fallback        1          1
        2027-01-17  from  percent         1          1

        day         signed  customers  fallbacks  not returned  changed sides  moved back
        2027-01-16      10          5          1             1              3           1
        2027-01-17       1          1          0             0              0           0

        """

    @Test func sidesAreCountedByDayInAnyOrderOfFiles() async throws {
        let directory = try ScratchDirectory()
        let lines = try await Self.twoDays()
        try directory.write(lines[..<5].joined(), to: "audit.jsonl.1")
        try directory.write(
            lines[5...].joined() + (try await Self.lines([Signed("x", at: 1, "to")], route: "other").joined()),
            to: "audit.jsonl")
        for files in [["audit.jsonl.1", "audit.jsonl"], ["audit.jsonl", "audit.jsonl.1"]] {
            let outcome = try Signet.run(["migrate", "report", "help"] + files, in: directory)
            #expect(outcome.status == 0)
            #expect(outcome.errors == "")
            #expect(outcome.output == Self.expected)
        }
        let piped = try Signet.run(
            ["migrate", "report", "help", "-"], in: directory, input: lines.shuffled().joined())
        #expect(piped.output == Self.expected)
    }

    @Test func jsonHasTheSameFigures() async throws {
        let outcome = try Signet.run(
            ["migrate", "report", "help", "-", "--output", "json"], in: try ScratchDirectory(),
            input: try await Self.twoDays().joined())
        #expect(outcome.status == 0)
        let json = try JSONReader.value(outcome.output.utf8)
        #expect(json.members?.map(\.name) == ["route", "lines", "undecided", "damaged", "rows", "days"])
        #expect(json["lines"] == 12 && json["undecided"] == 1 && json["damaged"] == 0)
        #expect(json["rows"]?.array?.count == 7)
        #expect(
            json["rows"]?.array?[0]
                == ["day": "2027-01-16", "side": "to", "reason": "percent", "signed": 4, "customers": 3])
        #expect(
            json["days"]?.array?[0] == [
                "day": "2027-01-16", "signed": 10, "customers": 5, "fallbacks": 1, "notHandedOut": 1, "changedSides": 3,
                "movedBack": 1,
            ])
        #expect(!outcome.output.contains("MARKER"))
    }

    private static func day(_ lines: [String]) throws -> JSONValue? {
        let outcome = try Signet.run(
            ["migrate", "report", "help", "-", "--output", "json"], in: try ScratchDirectory(), input: lines.joined())
        return try JSONReader.value(outcome.output.utf8)["days"]?.array?[0]
    }

    /// Whom the new vendor failed was never there, so that a step back moves nobody.
    @Test func outageOfTheNewVendorMovesNobodyBack() async throws {
        let lines = try await Self.lines([
            Signed("a", at: 1, "to", request: "f"), Signed("a", at: 2, "from", "fallback", request: "f"),
            Signed("a", at: 3, "from"),
        ])
        let expected: JSONValue = [
            "day": "2027-01-16", "signed": 2, "customers": 1, "fallbacks": 1, "notHandedOut": 1, "changedSides": 0,
            "movedBack": 0,
        ]
        #expect(try Self.day(lines) == expected)
        #expect(try Self.day(lines.reversed()) == expected)
    }

    /// An id is the caller's to choose: somebody else's request, or a later one, is another.
    @Test func onlyLinesOfTheSameRequestAreJoined() async throws {
        let other = try Self.day(
            await Self.lines([
                Signed("a", at: 1, "to", request: "f"), Signed("b", at: 2, "from", "fallback", request: "f"),
            ]))
        #expect(other?["notHandedOut"] == 0 && other?["signed"] == 2)
        let later = try Self.day(
            await Self.lines([
                Signed("a", at: 1, "from", "fallback", request: "f"), Signed("a", at: 2, "to", request: "f"),
                Signed("a", at: 3, "to", request: "f"), Signed("a", at: 4, "from", "fallback", request: "f"),
            ]))
        #expect(later?["notHandedOut"] == 1 && later?["signed"] == 3)
    }

    /// The disk did not confirm them: they stand in the file and were never handed out.
    @Test func refusedLinesAreNotCountedAsReturned() async throws {
        var lines = try await Self.lines([
            Signed("a", at: 1, "to"), Signed("b", at: 2, "from"), Signed("c", at: 3, "to"), Signed("d", at: 4, "to"),
        ])
        let start = try #require(lines[3].firstRange(of: #""seq":4,"#))
        let note = { (refused: String) in
            lines[3][..<start.upperBound] + #""time":"2027-01-16T00:00:04Z","event":"resumed"\#(refused)}"# + "\n"
        }
        let (refused, harmless) = (String(note(#","refusedFrom":2,"refusedTo":3"#)), String(note("")))
        lines[3] = refused
        let day = try Self.day(lines)
        #expect(day?["signed"] == 1 && day?["notHandedOut"] == 2)
        lines[3] = harmless
        #expect(try Self.day(lines)?["signed"] == 3)
        // Another chain's lines are others.
        lines[3] = refused.replacing(#""chain":""#, with: #""chain":"f"#)
        #expect(try Self.day(lines)?["signed"] == 3)
    }

    /// Within a second the lines of one gateway have an order, and those of two have none.
    @Test func linesOfOneSecondHaveAnOrderOnlyWithinAChain() async throws {
        func movedBack(_ lines: [String]) throws -> JSONValue? {
            let outcome = try Signet.run(
                ["migrate", "report", "help", "-", "--output", "json"], in: try ScratchDirectory(),
                input: lines.joined())
            return try JSONReader.value(outcome.output.utf8)["days"]?.array?[0]["movedBack"]
        }
        let back = try await Self.lines([Signed("a", at: 5, "to"), Signed("a", at: 5, "from")])
        #expect(try movedBack(back) == 1)
        let forth = try await Self.lines([Signed("a", at: 5, "from"), Signed("a", at: 5, "to")])
        #expect(try movedBack(forth) == 0)
        // Chains are called by chance, so several are tried.
        for _ in 0..<12 {
            let replica = try await Self.lines([Signed("b", at: 5, "from"), Signed("a", at: 5, "from")])
            #expect(try movedBack([back[0], replica[1]]) == 0)
        }
    }

    static let damages = [
        "MARKER\n", "\n", "{}\n", #"{"v":2}"# + "\n", #"{"v":1,"route":"help"}"# + "\n",
        String(repeating: "MARKER", count: 12_000) + "\n", "{\"v\":1,\"cha",
    ]

    @Test(arguments: damages)
    func damagedLineIsReportedByFileAndLineAndTheRestIsCounted(damage: String) async throws {
        let directory = try ScratchDirectory()
        let lines = try await Self.twoDays()
        try directory.write(lines[..<3].joined() + damage, to: "a.jsonl")
        try directory.write(lines[3...].joined(), to: "b.jsonl")
        let outcome = try Signet.run(["migrate", "report", "help", "a.jsonl", "b.jsonl"], in: directory)
        #expect(outcome.status == 1)
        #expect(outcome.notes == ["a.jsonl:4: error: not a valid audit line"])
        #expect(outcome.output == Self.expected)
    }

    @Test(arguments: [
        (#""side":"to""#, #""side":"MARKER""#), (#""reason":"percent""#, #""reason":"MARKER""#),
        (#""subjectTag":"new-MARKER""#, #""subjectTag":1"#), (#""time":"2027-"#, #""time":"27-"#),
        (#""decision":{"#, #""decision":{"more":{"#), (#"{"v":1,"#, #"{"v":2,"#), (#""seq":1,"#, #""seq":"1","#),
        (#""chain":"#, #""chains":"#), (#""route":"#, #""routes":"#), (#""subjectTag":"#, #""subject":"#),
        (#""requestId":"#, #""request":"#),
    ])
    func changedMemberMakesALineDamaged(original: String, change: String) async throws {
        let lines = try await Self.twoDays()
        let outcome = try Signet.run(
            ["migrate", "report", "help", "-"], in: try ScratchDirectory(),
            input: lines[0].replacing(original, with: change) + lines[1...].joined())
        #expect(outcome.status == 1)
        #expect(outcome.notes == ["standard input:1: error: not a valid audit line"])
    }

    @Test func twentyDamagedLinesAreReportedAndTheRestCounted() async throws {
        let outcome = try Signet.run(
            ["migrate", "report", "help", "-"], in: try ScratchDirectory(),
            input: String(repeating: "x\n", count: 30) + (try await Self.twoDays().joined()))
        #expect(outcome.status == 1)
        #expect(outcome.notes.count == 21)
        #expect(outcome.notes.last == "signet: error: and 10 more lines that are not valid audit lines")
    }

    @Test func routeWithoutDecisionsIsAWarning() async throws {
        let input = try await Self.twoDays().joined()
        let mistyped = try Signet.run(["migrate", "report", "hlep", "-"], in: try ScratchDirectory(), input: input)
        #expect(mistyped.status == 0)
        #expect(mistyped.output == "")
        #expect(
            mistyped.notes == [
                "signet: warning: no line has a migration decision for the route \"hlep\"",
                "signet: hint: did you mean \"help\"?",
            ])
        let unmoved = try Signet.run(
            ["migrate", "report", "help", "-"], in: try ScratchDirectory(),
            input: try await Self.lines([Signed("a", at: 1, "")]).joined())
        #expect(unmoved.notes.last == "signet: hint: 1 lines are from times when the route had no migration")
    }
}
