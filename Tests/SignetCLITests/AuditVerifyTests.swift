import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

@Suite struct AuditVerifyTests {
    static let secret = "audit-MARKER-key-of-at-least-32-bytes"
    static let configuration = """
        { "digestKey": "log-digest", "connections": {}, "routes": {},
          "keys": { "log-digest": { "file": "digest.secret", "encoding": "utf8" },
                    "unreadable": { "file": "no-such.secret", "encoding": "utf8" } } }
        """

    /// A configuration, and five lines in two files.
    private static func workplace() async throws -> (directory: ScratchDirectory, head: AuditHead) {
        let directory = try ScratchDirectory()
        try directory.write(configuration, to: "signet.json", mode: 0o644)
        try directory.write(secret + "\n", to: "digest.secret")
        let key = try HS256Key(secret: SecretBytes(copying: Array(secret.utf8)))
        let (reopened, isReopened) = AsyncStream<Void>.makeStream()
        let file = try AuditFile(path: directory.path("audit.jsonl"), key: key) { event in
            if case .reopened = event { isReopened.yield() }
        }
        for number in 1...5 {
            try await file.record(
                AuditEntry(
                    time: NumericDate(seconds: 1_800_000_000 + Int64(number)), requestID: "r\(number)",
                    caller: "storefront", right: .badge, route: "uk", vendor: "dg", connection: "dg-eu", key: "dg",
                    subjectTag: "dGFn", expiresAt: nil))
            if number == 2 {
                try directory.write(try directory.text("audit.jsonl"), to: "audit.jsonl.1")
                try directory.remove("audit.jsonl")
                file.reopen()
                for await _ in reopened { break }
            }
        }
        return (directory, try #require(file.head))
    }

    private static func verify(_ directory: ScratchDirectory, _ arguments: String...) throws -> Signet.Outcome {
        try Signet.run(["audit", "verify"] + arguments, in: directory)
    }

    @Test func completeChainIsReportedWithItsEnds() async throws {
        let (directory, head) = try await Self.workplace()
        let outcome = try Self.verify(directory, "audit.jsonl.1", "audit.jsonl")
        #expect(outcome.status == 0 && outcome.errors == "")
        #expect(
            outcome.lines == [
                "chain  \(head.chain ?? ""): 5 valid lines", "first  1  2027-01-15T08:00:01Z",
                "last   5  2027-01-15T08:00:05Z", "head   \(head)",
                "lines cut off at the end can be found only with --head", "complete: 5 lines",
            ])
    }

    @Test func knownHeadProvesTheEnd() async throws {
        let (directory, head) = try await Self.workplace()
        let proved = try Self.verify(directory, "audit.jsonl.1", "audit.jsonl", "--head", "\(head)")
        #expect(proved.status == 0)
        #expect(proved.lines.contains("the chain contains the given head: no line up to it was cut off"))
        let cut = try Self.verify(directory, "audit.jsonl.1", "--head", "\(head)")
        #expect(cut.status == 1)
        #expect(
            cut.lines.first == "fail  audit.jsonl.1: the lines end at 2, and line 5 was written: the end is cut off")
        #expect(cut.lines.last == "not complete: 2 lines")
    }

    @Test func changedLineIsReportedWithItsPlace() async throws {
        let (directory, _) = try await Self.workplace()
        let text = try directory.text("audit.jsonl").replacing(
            "\"caller\":\"storefront\"", with: "\"caller\":\"somebody\"", maxReplacements: 1)
        try directory.write(text, to: "audit.jsonl")
        let outcome = try Self.verify(directory, "audit.jsonl.1", "audit.jsonl")
        #expect(outcome.status == 1)
        #expect(outcome.lines.first == "fail  audit.jsonl:1: the line was changed, or written with another key")
        let json = try Self.verify(directory, "audit.jsonl", "--output", "json")
        #expect(json.status == 1)
        let report = try JSONReader.value(json.output.utf8)
        #expect(report["whole"] == false && report["lines"] == 3 && report["faults"] == 1)
        #expect(
            report.members?.map(\.name) == ["whole", "lines", "headProved", "chains", "faults", "findings"])
        #expect(report["findings"]?.array?.first?["kind"] == "changed")
        #expect(report["findings"]?.array?.first?["line"] == 1)
        #expect(!(outcome.output + json.output).contains("MARKER"))
    }

    @Test func fileThatBeginsLaterIsAWarning() async throws {
        let (directory, _) = try await Self.workplace()
        let outcome = try Self.verify(directory, "audit.jsonl")
        #expect(outcome.status == 0)
        #expect(
            outcome.lines.first
                == "warn  audit.jsonl:1: the chain begins with line 3; the lines before it were not given")
    }

    @Test func standardInputIsVerified() async throws {
        let (directory, _) = try await Self.workplace()
        let outcome = try Signet.shell("cat audit.jsonl.1 | \"$SIGNET\" audit verify - audit.jsonl", in: directory)
        #expect(outcome.status == 0 && outcome.lines.last == "complete: 5 lines")
    }

    @Test(arguments: [
        (["audit.jsonl", "--head", "5"], Int32(2), "--head needs a line's number and its MAC"),
        ([], 2, "FILE is missing"), (["-", "-"], 2, "standard input can be read only once"),
        (["no-such.jsonl"], 3, "no-such.jsonl: no such file"), (["."], 3, "is a directory"),
        (["audit.jsonl", "-c", "other.json"], 3, "the configuration cannot be read"),
        (["audit.jsonl", "-c", "without.json"], 2, "has no \"digestKey\""),
        (["audit.jsonl", "-c", "missing.json"], 3, "digest.missing: no such file"),
    ])
    func wrongUseIsReported(arguments: [String], status: Int32, message: String) async throws {
        let (directory, _) = try await Self.workplace()
        try directory.write(#"{ "connections": {}, "keys": {} }"#, to: "without.json")
        try directory.write(Self.configuration.replacing("digest.secret", with: "digest.missing"), to: "missing.json")
        let outcome = try Signet.run(["audit", "verify"] + arguments, in: directory)
        #expect(outcome.status == status)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
}
