import SignetJOSE
import SignetTestSupport
import Testing

@Suite struct MigrateStatusTests {
    @Test func statusShowsTheSettingsOfTheStageAndTheCommands() throws {
        let workplace = try Workplace.migrating(
            #"""
            "stage": "live", "percent": 12.5, "salt": "2026", "stickiness": "attributes.household", "fallbackAfter": "2s",
            "cohorts": [ { "name": "staff", "when": { "segment": ["staff", "test"] }, "percent": 100 } ],
            "anonymous": "to", "pin": { "to": ["MARKER1"], "from": ["MARKER2", "MARKER3"] }
            """#)
        try workplace.directory.remove("keys")
        let outcome = try workplace.signet("migrate", "status")
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
        #expect(
            outcome.output == """
                help: dg-eu (dg) -> talkative-uk (talkative)
                  stage      live: those in the percentage get talkative-uk
                  percent    12.5 %, by attributes.household, salt "2026"
                  cohort     staff: 100 %, where segment is one of "staff", "test"
                  anonymous  "to", or by visitorId if there is one
                  pins       1 to talkative-uk, 2 to dg-eu
                  fallback   to dg-eu after 2000 ms or a failure
                  check      signet migrate report help AUDITFILE… shows no fallback, and no customer who moved back
                             signet_migration_errors_total has no code on side "to" that side "from" does not have
                             Talkative's agents see who the customers are
                  next       signet migrate advance help  (live 25 %)
                  back       signet migrate back help  (live 5 %)
                  stop       signet migrate back help --stage off --force  (everybody gets dg-eu, ongoing conversations too)

                """)
        let json = try JSONReader.value(try workplace.signet("migrate", "status", "--output", "json").output.utf8)
        let move = try #require(json.array?.first)
        #expect(json.array?.count == 1)
        #expect(
            move.members?.map(\.name) == [
                "route", "from", "to", "stage", "percent", "stickiness", "salt", "cohorts", "anonymous", "pins",
                "fallbackAfterMilliseconds", "checks", "next", "back", "stop",
            ])
        #expect(move["from"] == ["connection": "dg-eu", "vendor": "dg"])
        #expect(move["pins"] == ["to": 1, "from": 2])
        #expect(move["next"] == ["stage": "live", "percent": 25, "command": "signet migrate advance help"])
        #expect(
            move["cohorts"] == [["name": "staff", "percent": 100, "when": #"segment is one of "staff", "test""#]])
    }

    static let stages: [(members: String, next: String?, back: String?, stops: Bool)] = [
        (#""stage": "off""#, "shadow", nil, false), (#""stage": "shadow", "percent": 40"#, "live 1 %", "off", false),
        (#""stage": "live", "percent": 100"#, "rampdown", "live 50 %", true),
        (#""stage": "rampdown", "percent": 70"#, "complete", "live 70 %", true),
        (#""stage": "complete""#, nil, "rampdown", true),
    ]

    @Test(arguments: stages)
    func stepsShownByStatusAreThoseThatAreTaken(
        members: String, next: String?, back: String?, stops: Bool
    ) throws {
        let workplace = try Workplace.migrating(members)
        let output = try workplace.signet("migrate", "status", "help").output
        for (command, target) in [("advance", next), ("back", back)] {
            let outcome = try workplace.signet("migrate", command, "help", "--dry-run")
            #expect(outcome.errors.contains("-> \(target ?? "there is none")") == (target != nil))
            #expect(output.contains("signet migrate \(command) help  (") == (target != nil))
            if let target { #expect(output.contains("signet migrate \(command) help  (\(target))")) }
        }
        #expect(output.contains("--stage off --force") == stops)
        // A percentage that does not count is not told.
        #expect(output.contains("  percent  ") == members.contains("live"))
        let json = try JSONReader.value(
            try workplace.signet("migrate", "status", "help", "--output", "json").output.utf8)
        #expect((json.array?[0]["percent"] == .null) == !members.contains("live"))
    }

    @Test(arguments: [
        ("off", "Talkative's console has the key of talkative-uk"),
        ("shadow", "the page can load Talkative's widget too"),
        ("complete", "remove pega-us and its keys, here and at Pega"),
    ])
    func checksNameTheVendorsByTheirTitles(stage: String, check: String) throws {
        let workplace = try Workplace.migrating("\"stage\": \"\(stage)\"", from: "pega-us")
        let outcome = try workplace.signet("migrate", "status")
        #expect(outcome.output.contains(check), "\(outcome.output)")
    }

    @Test func statusCommandsNameTheConfiguration() throws {
        let workplace = try Workplace.migrating(#""stage": "shadow""#)
        try workplace.directory.write(try workplace.directory.text("signet.json"), to: "it's.json")
        let outcome = try workplace.signet("migrate", "status", "-c", "it's.json")
        #expect(outcome.output.contains(#"signet migrate advance help -c 'it'\''s.json'  (live 1 %)"#))
    }

    @Test func statusWithoutMigrationsPrintsNothing() throws {
        let workplace = try Workplace(
            Workplace.configuration.replacing(Workplace.migratingRoute, with: #""help": { "connection": "dg-eu" }"#))
        let outcome = try workplace.signet("migrate", "status")
        #expect(outcome.status == 0)
        #expect(outcome.output == "")
        #expect(outcome.notes == ["signet: no route has \"migrate\""])
        #expect(try workplace.signet("migrate", "status", "--output", "json").output == "[]\n")
        let refused = try workplace.signet("migrate", "status", "help")
        #expect(
            refused.notes == [
                "signet: error: the route \"help\" has no \"migrate\"",
                "signet: hint: to start a migration, set \"migrate\": { \"from\": …, \"to\": …, \"stage\": \"off\" }",
            ])
        #expect(refused.status == 2)
    }
}
