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
    func everyCommandHasHelp(command: String) throws {
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

    @Test func overviewNamesEveryCommand() throws {
        let outcome = try Signet.run(["--help"], in: try ScratchDirectory())
        #expect(outcome.status == 0)
        #expect(try Snapshot.expected("help/signet.txt", actual: outcome.output) == outcome.output)
        let start = try #require(outcome.lines.firstIndex(of: "COMMANDS"))
        let rows = outcome.lines[(start + 1)...].prefix { !$0.isEmpty }
        #expect(rows.count == Self.commands.count)
        #expect(zip(rows, Self.commands).allSatisfy { $0.hasPrefix("  \($1)  ") })
    }

    @Test(arguments: ["keys", "migrate", "callers", "audit"], [["--help"], ["-h"], ["help"]])
    func everyGroupHasHelp(group: String, flag: [String]) throws {
        let directory = try ScratchDirectory()
        let outcome = try Signet.run([group] + flag, in: directory)
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
        #expect(try Snapshot.expected("help/\(group).txt", actual: outcome.output) == outcome.output)
        #expect(try Signet.run(["help", group], in: directory).output == outcome.output)
    }

    @Test(arguments: ["--version", "-V"])
    func versionIsPrinted(flag: String) throws {
        let outcome = try Signet.run([flag], in: try ScratchDirectory())
        #expect(outcome.status == 0 && outcome.output == "signet 0.1.0\n")
    }

    @Test(arguments: [
        (["--hlep"], "signet has no flag --hlep", "did you mean --help?"),
        (["--verison"], "signet has no flag --verison", "did you mean --version?"),
        (["-x"], "signet has no flag -x", "signet --help"),
        (["--eyJhbGciOiJIUzI1NiJ9.MARKER"], "signet has no flag of that name", "signet --help"),
        (
            ["-c", "signet.json", "check"], "flags come after the command",
            "signet check -c …; signet check --help lists its flags"
        ),
        (
            ["--output", "json", "keys", "inspect", "f"], "flags come after the command",
            "signet keys inspect --output …; signet keys inspect --help lists its flags"
        ),
        (["chekc"], "there is no command \"chekc\"", "did you mean \"signet check\"?"),
        (["version"], "there is no command \"version\"", "did you mean \"signet --version\"?"),
        (
            ["keys", "genrate"],
            "signet keys has no command \"genrate\": one of generate, public, inspect, rotate, promote, retire",
            "did you mean \"signet keys generate\"?"
        ),
        (
            ["migrate"], "signet migrate needs a command: one of status, preview, advance, back, report",
            "signet migrate --help"
        ),
        (
            ["keys", "--hlep"],
            "signet keys has no command of that name: one of generate, public, inspect, rotate, promote, retire",
            "signet keys --help"
        ),
        (["help", "nothing"], "there is no command \"nothing\"", "signet --help"),
    ])
    func wrongCallIsRefusedWithAHint(arguments: [String], message: String, hint: String) throws {
        let outcome = try Signet.run(arguments, in: try ScratchDirectory())
        #expect(outcome.status == 2 && outcome.output == "")
        #expect(outcome.errors == "signet: error: \(message)\nsignet: hint: \(hint)\n")
    }

    @Test func everySnapshotBelongsToACommand() {
        let names = Fixtures.names(in: "help", endings: [".txt"])
        let expected =
            Self.commands.map { $0.replacing(" ", with: "-") + ".txt" }
            + ["signet.txt", "keys.txt", "migrate.txt", "callers.txt", "audit.txt"]
        #expect(names == expected.sorted())
    }

    @Test func helpFlagWorksBesideOtherFlagsButNotAfterADoubleDash() throws {
        let directory = try ScratchDirectory()
        #expect(try Signet.run(["sign", "x", "--subject", "1", "--help"], in: directory).status == 0)
        #expect(try Signet.run(["explain", "--", "--help"], in: directory).status == 3)
    }
}

/// `--help` is a flag where flags stand, and a value where a value stands.
@Suite struct HelpFlagTests {
    @Test(arguments: ["--help", "-h"])
    func subjectNamedLikeTheHelpFlagIsSigned(subject: String) throws {
        let outcome = try Workplace().signet("sign", "dg", "--subject", subject)
        #expect(outcome.status == 0)
        #expect(outcome.output.split(separator: ".").count == 3)
    }

    @Test(arguments: ["--help", "-h"])
    func helpFlagAfterOperandsShowsHelp(flag: String) throws {
        let outcome = try Workplace().signet("sign", "dg", "and", "too", "many", "--subject", "1", flag)
        #expect(outcome.status == 0)
        #expect(outcome.output.hasPrefix("signet sign: "))
    }

    @Test func helpFlagAfterDoubleDashIsAnOperand() throws {
        let outcome = try Workplace().signet("explain", "--", "--help")
        #expect(outcome.status == 2)
        #expect(outcome.output == "")
    }
}
