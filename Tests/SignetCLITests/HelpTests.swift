import SignetTestSupport
import Testing

@Suite struct HelpTests {
    static let commands = [
        "init", "demo", "keys generate", "keys public", "keys inspect", "keys rotate",
        "keys promote", "keys retire", "sign", "verify", "inspect", "explain", "check",
        "migrate status", "migrate preview", "migrate advance", "migrate back", "migrate report",
        "serve", "callers create", "audit verify", "vendors", "completions",
    ]

    @Test(arguments: commands)
    func everyCommandHasItsHelp(command: String) throws {
        let words = command.split(separator: " ").map(String.init)
        let directory = try ScratchDirectory()
        let outcome = try Signet.run(words + ["--help"], in: directory)
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
        let file = "help/\(words.joined(separator: "-")).txt"
        #expect(try Snapshot.expected(file, actual: outcome.output) == outcome.output)
        #expect(try Signet.run(words + ["-h"], in: directory).output == outcome.output)
        #expect(try Signet.run(["help"] + words, in: directory).output == outcome.output)
    }

    @Test func theOverviewNamesEveryCommand() throws {
        let outcome = try Signet.run(["--help"], in: try ScratchDirectory())
        #expect(outcome.status == 0)
        #expect(try Snapshot.expected("help/signet.txt", actual: outcome.output) == outcome.output)
        let start = try #require(outcome.lines.firstIndex(of: "COMMANDS"))
        let rows = outcome.lines[(start + 1)...].prefix { !$0.isEmpty }
        #expect(rows.count == Self.commands.count)
        #expect(zip(rows, Self.commands).allSatisfy { $0.hasPrefix("  \($1)  ") })
    }

    @Test func everySnapshotIsOfACommand() {
        let names = Fixtures.names(in: "help", endings: [".txt"])
        let expected = Self.commands.map { $0.replacing(" ", with: "-") + ".txt" } + ["signet.txt"]
        #expect(names == expected.sorted())
    }

    @Test func helpStandsBesideOtherFlagsButNotAfterADoubleDash() throws {
        let directory = try ScratchDirectory()
        #expect(try Signet.run(["sign", "x", "--subject", "1", "--help"], in: directory).status == 0)
        #expect(try Signet.run(["explain", "--", "--help"], in: directory).status == 3)
    }
}
