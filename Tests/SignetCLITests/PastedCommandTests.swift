import SignetTestSupport
import Testing

/// Commands that are printed to be pasted act on the configuration of the call that printed them.
@Suite struct PastedCommandTests {
    /// A configuration in a file of another name than the default one.
    private static func workplace(_ change: (String) -> String = { $0 }) throws -> Workplace {
        let workplace = try Workplace(change(Workplace.configuration))
        #expect(try Signet.shell("mv signet.json 'my other.json'", in: workplace.directory).status == 0)
        return workplace
    }

    /// Every printed command that reads a configuration.
    private static func commands(in outcome: Signet.Outcome) -> [Substring] {
        (outcome.output + outcome.errors).matches(
            of: /signet (?:check|keys|migrate (?:advance|back|status|preview))\b[^,:(\n"]*/
        ).map(\.output)
    }

    @Test(arguments: [
        "migrate status", "migrate advance moving", "migrate advance moving --dry-run", "migrate back moving",
        "migrate advance moving --stage live", "migrate back moving --stage complete",
        "keys rotate talkative-uk", "keys retire talkative-uk talkative",
    ])
    func printedCommandNamesTheConfiguration(arguments: String) throws {
        for variable in [false, true] {
            let workplace = try Self.workplace()
            let words = arguments.split(separator: " ").map(String.init)
            let outcome = try Signet.run(
                words + (variable ? [] : ["-c", "my other.json"]), in: workplace.directory,
                environment: variable ? ["SIGNET_CONFIG": "my other.json"] : [:])
            let commands = Self.commands(in: outcome)
            #expect(!commands.isEmpty, "\(outcome.errors)")
            for command in commands { #expect(command.contains(" -c 'my other.json'"), "\(outcome.errors)") }
        }
    }

    @Test func commandsDuringARotationNameTheConfiguration() throws {
        let workplace = try Self.workplace()
        for (arguments, isRefused) in [
            ("keys rotate talkative-uk --name b", false), ("keys rotate talkative-uk --name c", false),
            ("keys retire talkative-uk talkative", true), ("keys promote talkative-uk b", false),
            ("keys retire talkative-uk b", true),
        ] {
            let words = arguments.split(separator: " ").map(String.init)
            let outcome = try workplace.signet(words + ["-c", "my other.json"])
            #expect((outcome.status != 0) == isRefused, "\(outcome.errors)")
            let commands = Self.commands(in: outcome)
            #expect(!commands.isEmpty, "\(outcome.errors)")
            for command in commands { #expect(command.contains(" -c 'my other.json'"), "\(outcome.errors)") }
        }
    }

    @Test(arguments: ["keys promote dg-eu old", "keys retire dg-eu dg"])
    func hintAboutAKeyWhoseTimeIsOverNamesTheConfiguration(arguments: String) throws {
        let workplace = try Self.workplace {
            $0.replacing("\"key\": \"dg\"", with: "\"keys\": [\"dg\", \"old\"]").replacing(
                "\"dg\": { \"file\"",
                with: """
                    "old": { "file": "keys/old.secret", "encoding": "utf8", "kid": "o", "notAfter": "2021-01-01T00:00:00Z" },
                    "dg": { "file"
                    """)
        }
        let words = arguments.split(separator: " ").map(String.init)
        let outcome = try workplace.signet(words + ["-c", "my other.json"])
        #expect(outcome.status == 2)
        #expect(
            outcome.notes.last?.hasSuffix("signet keys rotate dg-eu -c 'my other.json'") == true, "\(outcome.errors)")
    }

    @Test func configurationFromStandardInputIsAFileInThePrintedCommand() throws {
        let outcome = try Workplace().signet(["migrate", "status", "-c", "-"], input: Workplace.configuration)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("signet migrate advance moving -c FILE"))
    }

    @Test func initPrintsCommandsThatActOnItsOwnConfiguration() throws {
        let directory = try ScratchDirectory()
        let outcome = try Signet.run(["init", "my folder"], in: directory)
        #expect(outcome.lines.contains("  signet check -c 'my folder/signet.json'"))
        #expect(outcome.output.contains("$(cat 'my folder/keys/backend.token')"))
        let other = try Signet.run(["init"], in: directory, environment: ["SIGNET_CONFIG": "my folder/signet.json"])
        #expect(other.lines.contains("  signet check -c signet.json"))
    }
}
