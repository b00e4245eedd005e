import SignetTestSupport
import Testing

/// `signet migrate advance` and `back`: what they do to the bytes of a configuration, and what they refuse.
@Suite struct MigrateStepTests {
    /// A configuration with a comment at every place that a step could disturb.
    static func text(_ migration: String) -> String {
        """
        {
          // keys
          "keys": {
            "talkative": { "file": "keys/talkative.private.pem" },
            "dg": { "file": "keys/dg.secret", "encoding": "utf8", "kid": "dg_live_1" }, // DG's
          },
          "connections": {
            "talkative-uk": { "vendor": "talkative", "key": "talkative", "region": "eu", "widgetId": "w" },
            "dg-eu": { "vendor": "dg", "key": "dg", "env": "eu", "widgetId": "w" },
          },
          "routes": {
            "plain": { "connection": "dg-eu" }, /* "stage": "off" */
            "help": { "migrate": { "from": "dg-eu", "to": "talkative-uk", \(migration) } }, // the move
          }
        }
        """
    }

    struct Step: Sendable, CustomTestStringConvertible {
        let before: String
        let arguments: [String]
        let after: String
        let line: String

        init(_ before: String, _ arguments: String, _ after: String, _ line: String) {
            self.before = before
            self.arguments = arguments.split(separator: " ").map(String.init)
            self.after = after
            self.line = line
        }

        var testDescription: String { "\(before), \(arguments.joined(separator: " "))" }
    }

    static let steps = [
        Step(#""stage": "off""#, "advance", #""stage": "shadow""#, "off -> shadow"),
        Step(#""stage": "shadow""#, "advance", #""stage": "live", "percent": 1"#, "shadow -> live 1 %"),
        Step(#""stage":"shadow", "percent": 25"#, "advance", #""stage":"live", "percent": 1"#, "shadow -> live 1 %"),
        Step(
            #""stage": "shadow""#, "advance --stage live", #""stage": "live", "percent": 1"#, "shadow -> live 1 %"),
        Step(
            #""stage": "shadow", "percent": 2"#, "advance --percent 12.50", #""stage": "live", "percent": 12.50"#,
            "shadow -> live 12.50 %"),
        Step(
            #""stage" : "live", /* now */ "percent":1 // %"# + "\n     ", "advance",
            #""stage" : "live", /* now */ "percent":5 // %"# + "\n     ", "live 1 % -> live 5 %"),
        Step(#""stage": "live""#, "advance", #""stage": "live", "percent": 1"#, "live 0 % -> live 1 %"),
        Step(
            #""percent": 12.5, "stage": "live""#, "advance", #""percent": 25, "stage": "live""#,
            "live 12.5 % -> live 25 %"),
        Step(
            #""stage": "live", "percent": 50"#, "advance", #""stage": "live", "percent": 100"#,
            "live 50 % -> live 100 %"),
        Step(
            #""stage": "live", "percent": 100"#, "advance", #""stage": "rampdown", "percent": 100"#,
            "live 100 % -> rampdown"),
        Step(
            #""stage": "live", "percent": 5"#, "advance --stage rampdown", #""stage": "rampdown", "percent": 5"#,
            "live 5 % -> rampdown"),
        Step(
            #""stage": "live", "percent": 5"#, "advance --percent 5.001", #""stage": "live", "percent": 5.001"#,
            "live 5 % -> live 5.001 %"),
        Step(
            #""stage": "live", "percent": 5"#, "advance --stage live --percent 6", #""stage": "live", "percent": 6"#,
            "live 5 % -> live 6 %"),
        Step(#""stage": "rampdown""#, "advance", #""stage": "complete""#, "rampdown -> complete"),
        Step(
            #""stage": "off""#, "advance --percent 3 --force", #""stage": "live", "percent": 3"#, "off -> live 3 %"),
        Step(#""stage": "off""#, "advance --stage complete --force", #""stage": "complete""#, "off -> complete"),
        Step(#""stage": "complete""#, "back", #""stage": "rampdown""#, "complete -> rampdown"),
        Step(
            #""stage": "rampdown", "percent": 40"#, "back", #""stage": "live", "percent": 40"#,
            "rampdown -> live 40 %"),
        Step(
            #""stage": "rampdown", "percent": 100"#, "back --percent 10", #""stage": "live", "percent": 10"#,
            "rampdown -> live 10 %"),
        Step(
            #""stage": "live", "percent": 100"#, "back", #""stage": "live", "percent": 50"#, "live 100 % -> live 50 %"),
        Step(#""stage": "live", "percent": 7"#, "back", #""stage": "live", "percent": 5"#, "live 7 % -> live 5 %"),
        Step(#""stage": "live", "percent": 1"#, "back", #""stage": "shadow", "percent": 1"#, "live 1 % -> shadow"),
        Step(#""stage": "live""#, "back", #""stage": "shadow""#, "live 0 % -> shadow"),
        Step(
            #""stage": "live", "percent": 7"#, "back --percent 0", #""stage": "live", "percent": 0"#,
            "live 7 % -> live 0 %"),
        Step(
            #""stage": "live", "percent": 7"#, "back --stage shadow", #""stage": "shadow", "percent": 7"#,
            "live 7 % -> shadow"),
        Step(#""stage": "shadow""#, "back", #""stage": "off""#, "shadow -> off"),
        Step(
            #""stage": "live", "percent": 7"#, "back --stage off --force", #""stage": "off", "percent": 7"#,
            "live 7 % -> off"),
    ]

    @Test(arguments: steps)
    func stepChangesOnlyItsOwnBytes(step: Step) throws {
        let workplace = try Workplace(Self.text(step.before))
        let outcome = try workplace.signet(["migrate"] + step.arguments.insertingRoute)
        #expect(outcome.status == 0)
        #expect(outcome.output == "help: \(step.line)\n")
        let title = step.line.hasSuffix("complete") ? "to finish" : "next"
        #expect(outcome.notes.last?.hasPrefix("signet: \(title): ") == true, "\(outcome.errors)")
        #expect(try workplace.directory.text("signet.json") == Self.text(step.after))
    }

    @Test(arguments: steps)
    func stepDryRunChangesNothingAndItsDiffCanBePatched(step: Step) throws {
        let workplace = try Workplace(Self.text(step.before))
        let outcome = try workplace.signet(["migrate"] + step.arguments.insertingRoute + ["--dry-run"])
        #expect(outcome.status == 0)
        #expect(outcome.output.hasPrefix("--- signet.json\n+++ signet.json\n@@ -"))
        #expect(try workplace.directory.text("signet.json") == Self.text(step.before))
        try workplace.directory.write(outcome.output, to: "diff")
        #expect(try Signet.shell("patch --quiet < diff", in: workplace.directory).status == 0)
        #expect(try workplace.directory.text("signet.json") == Self.text(step.after))
    }

    @Test(arguments: [
        (
            "off", "advance --stage live", "from off to live 1 % skips the stage shadow",
            "first use signet migrate advance help --stage shadow"
        ),
        ("off", "advance --percent 5", "from off to live 5 % skips the stage shadow", "or skip it with --force"),
        (
            "shadow", "advance --stage complete", "from shadow to complete skips the stage live",
            "advance help --stage live"
        ),
        (
            "complete", "back --percent 5", "from complete to live 5 % skips the stage rampdown",
            "or skip it with --force"
        ),
        (
            "rampdown", "back --stage off", "from rampdown to off skips the stage live",
            "first use signet migrate back help --stage live"
        ),
        (
            "live", "back --stage off", "from live 5 % to off skips the stage shadow",
            "first use signet migrate back help --stage shadow"
        ),
        (
            "live", "advance --stage complete", "skips the stage rampdown",
            "first use signet migrate advance help --stage rampdown"
        ),
        (
            "complete", "advance --percent 50", "is not a step forward",
            "use signet migrate back help --percent 50 --force"
        ),
        ("shadow", "advance --stage off", "is not a step forward", "signet migrate back help --stage off"),
        ("shadow", "advance --stage off --force", "is not a step forward", "signet migrate back help --stage off"),
        ("rampdown", "advance --percent 5", "is not a step forward", "signet migrate back help --percent 5"),
        ("live", "advance --percent 3", "from live 5 % to live 3 % is not a step forward", "back help --percent 3"),
        ("live", "back --percent 6", "from live 5 % to live 6 % is not a step back", "advance help --percent 6"),
        ("live", "back --stage rampdown", "is not a step back", "signet migrate advance help --stage rampdown"),
        ("off", "back --percent 6 --force", "is not a step back", "signet migrate advance help --percent 6"),
        ("live", "advance --percent 5.000", "help is already at live 5 %", ""),
        ("live", "advance --stage live", "help is already at live 5 %", ""),
        ("complete", "advance", "help is already at complete, the last stage", "signet migrate back help"),
        ("off", "back", "help is already at off, the first stage", "signet migrate advance help"),
        ("off", "advance --stage shadow --percent 5", "--percent is for the stage live", "leave it out"),
        ("off", "advance --stage shadw", "--stage is one of off, shadow, live, rampdown, complete", "\"shadow\"?"),
        ("live", "advance --percent 100.1", "--percent needs a number from 0 to 100", "--percent 12.5"),
        ("live", "advance --percent 5%", "--percent needs a number from 0 to 100", "--percent 12.5"),
        ("live", "advance --percent 12.0005", "--percent needs a number from 0 to 100", "--percent 12.5"),
    ])
    func invalidStepIsRefused(stage: String, arguments: String, error: String, hint: String) throws {
        let text = Self.text("\"stage\": \"\(stage)\", \"percent\": 5")
        let workplace = try Workplace(text)
        let words = arguments.split(separator: " ").map(String.init)
        let outcome = try workplace.signet(["migrate"] + words.insertingRoute)
        #expect(outcome.status == 2)
        #expect(outcome.output == "")
        #expect(outcome.notes.first?.contains(error) == true, "\(outcome.errors)")
        #expect(
            hint.isEmpty || outcome.notes.last?.contains(hint.replacing("\"", with: "")) == true, "\(outcome.errors)")
        #expect(try workplace.directory.text("signet.json") == text)
    }

    @Test(arguments: [
        (["plain"], "signet: error: the route \"plain\" has no \"migrate\""),
        (["hlp"], "signet: error: no route \"hlp\""), ([], "signet: error: ROUTE is missing"),
        (["help", "-c", "-"], "signet: error: a configuration from standard input cannot be changed"),
    ])
    func routeWithoutMigrationIsRefused(arguments: [String], error: String) throws {
        let text = Self.text("\"stage\": \"off\"")
        let workplace = try Workplace(text)
        let outcome = try workplace.signet(["migrate", "advance"] + arguments, input: text)
        #expect(outcome.status == 2)
        #expect(outcome.notes.first == error)
        #expect(outcome.notes.count == 2)
        #expect(try workplace.directory.text("signet.json") == text)
    }

    @Test func invalidConfigurationIsNotChanged() throws {
        let text = Self.text("\"stage\": \"off\"").replacing("\"env\": \"eu\"", with: "\"env\": \"mars\"")
        let workplace = try Workplace(text)
        let outcome = try workplace.signet("migrate", "advance", "help")
        #expect(outcome.status == 2)
        #expect(outcome.notes.first?.hasPrefix("signet.json:") == true)
        #expect(try workplace.directory.text("signet.json") == text)
    }

    @Test(arguments: [
        ("live", "5", "advance --stage rampdown", "signet: warning: only 5 % got the new connection until now:"),
        ("off", "5", "advance --stage rampdown --force", "signet: warning: nobody got the new connection until now:"),
        (
            "off", "5", "advance --stage complete --force",
            "signet: warning: nobody got the new connection until now: complete"
        ),
        (
            "live", "50", "advance --stage complete --force",
            "signet: warning: only 50 % got the new connection until now: complete"
        ),
        ("live", "100", "advance --stage complete --force", "signet: warning: ongoing conversations at the old"),
        ("rampdown", "40", "back", "signet: warning: the percentage is now 40 %:"),
    ])
    func stepThatMovesManyCustomersWarns(stage: String, percent: String, arguments: String, warning: String) throws {
        let workplace = try Workplace(Self.text("\"stage\": \"\(stage)\", \"percent\": \(percent)"))
        let words = arguments.split(separator: " ").map(String.init)
        let outcome = try workplace.signet(["migrate"] + words.insertingRoute)
        #expect(outcome.status == 0)
        #expect(outcome.notes.first?.hasPrefix(warning) == true, "\(outcome.errors)")
    }

    @Test func stepFromAHundredPercentDoesNotWarn() throws {
        let workplace = try Workplace(Self.text("\"stage\": \"live\", \"percent\": 100"))
        let outcome = try workplace.signet("migrate", "advance", "help")
        #expect(!outcome.errors.contains("warning"))
        #expect(
            outcome.notes == [
                "signet: check: signet migrate report help AUDITFILE… shows no \"ongoing\" on side \"from\" for a day: "
                    + "no conversation at dg-eu goes on",
                "signet: next: signet migrate advance help",
            ])
    }

    @Test func percentageThatDoesNotCountIsNull() throws {
        let workplace = try Workplace(Self.text("\"stage\": \"live\", \"percent\": 100"))
        let outcome = try workplace.signet("migrate", "advance", "help", "--output", "json")
        #expect(
            outcome.output.contains(#""was":{"stage":"live","percent":100},"is":{"stage":"rampdown","percent":null}"#))
    }

    @Test func jsonHasBothPositions() throws {
        let workplace = try Workplace(Self.text("\"stage\": \"live\", \"percent\": 1.50"))
        let dry = try workplace.signet("migrate", "advance", "help", "--output", "json", "--dry-run")
        let start =
            #"{"route":"help","was":{"stage":"live","percent":1.50},"is":{"stage":"live","percent":5},"dryRun":"#
        #expect(dry.output.hasPrefix(start + #"true,"diff":"--- signet.json\n+++ signet.json\n@@ "#))
        let done = try workplace.signet("migrate", "advance", "help", "--output", "json")
        #expect(done.output == start + "false}\n")
    }
}

extension [String] {
    /// The words of a command line with the route behind the command.
    fileprivate var insertingRoute: [String] { [self[0], "help"] + dropFirst() }
}
