import SignetIdentity
import SignetJOSE
import SignetRouting

/// Where a move stands, for people and for programs.
struct MigrationStatus {
    let route: MigratingRoute
    let advice: MigrationAdvice

    private var migration: Migration { route.migration }

    // MARK: For people

    var text: String {
        let rows = facts + checks + commands
        return "\(route.title)\n" + TextTable(indent: "  ", rows: rows.map { [.text($0), .text($1)] }).text
    }

    /// What the stage looks at, and nothing that waits for another.
    private var facts: [(String, String)] {
        var facts = [("stage", "\(migration.stage.rawValue): \(meaning)")]
        guard migration.stage == .live else { return facts }
        facts.append(("percent", "\(migration.percent.text) %, by \(migration.stickiness.text), salt \(salt)"))
        for cohort in migration.cohorts {
            facts.append(("cohort", "\(cohort.name): \(cohort.percent.text) %, where \(cohort.when.text)"))
        }
        facts.append(("strangers", "\"\(migration.anonymous.rawValue)\", but by visitorId where there is one"))
        let (new, old) = (migration.pins.count(.to), migration.pins.count(.from))
        if new + old > 0 { facts.append(("pins", "\(new) to \(route.to.name), \(old) to \(route.from.name)")) }
        facts.append(("fallback", "to \(route.from.name) after \(migration.fallbackAfter) ms, or a failure"))
        return facts
    }

    private var salt: String { JSONWriter.text(of: .string(migration.salt)) }

    private var meaning: String {
        switch migration.stage {
        case .off: "everybody is at \(route.from.name)"
        case .shadow: "everybody is at \(route.from.name); \(route.to.name) is signed too, and nobody sees it"
        case .live: "those in the percentage are at \(route.to.name)"
        case .rampdown: "new conversations are at \(route.to.name), those that go on stay where they are"
        case .complete: "everybody is at \(route.to.name)"
        }
    }

    private var checks: [(String, String)] {
        advice.checks.enumerated().map { ($0 == 0 ? (advice.next == nil ? "to end it" : "before") : "", $1) }
    }

    private var commands: [(String, String)] {
        let ways = [("next", advice.next), ("back", advice.back)].compactMap { name, way in
            way.map { (name, "\($0.command)  (\($0.position.text))") }
        }
        return ways + (advice.stop.map { [("stop", "\($0)  (everybody, conversations or not)")] } ?? [])
    }

    // MARK: For programs

    var json: JSONValue {
        var members = route.members
        members.append(JSONMember("stage", .string(migration.stage.rawValue)))
        members.append(JSONMember("percent", advice.position.percentJSON))
        members += [
            JSONMember("stickiness", .string(migration.stickiness.text)),
            JSONMember("salt", .string(migration.salt)),
            JSONMember(
                "cohorts",
                .array(
                    migration.cohorts.map { cohort in
                        [
                            "name": .string(cohort.name), "percent": .percent(cohort.percent),
                            "when": .string(cohort.when.text),
                        ]
                    })),
            JSONMember("anonymous", .string(migration.anonymous.rawValue)),
            // Pins count in this stage alone, and their files are not read in another.
            JSONMember(
                "pins",
                migration.stage == .live
                    ? ["to": .count(migration.pins.count(.to)), "from": .count(migration.pins.count(.from))] : .null),
            JSONMember("fallbackAfterMilliseconds", .count(migration.fallbackAfter)),
            JSONMember("checks", .array(advice.checks.map(JSONValue.string))),
            JSONMember("next", json(advice.next)), JSONMember("back", json(advice.back)),
            JSONMember("stop", advice.stop.map(JSONValue.string) ?? .null),
        ]
        return .object(members)
    }

    private func json(_ way: MigrationAdvice.Way?) -> JSONValue {
        guard let way else { return .null }
        return [
            "stage": .string(way.position.stage.rawValue), "percent": way.position.percentJSON,
            "command": .string(way.command),
        ]
    }
}

extension Migration.Stickiness {
    /// As the configuration writes it.
    fileprivate var text: String {
        switch self {
        case .subject: "subject"
        case .visitorID: "visitorId"
        case .attribute(let name): "attributes.\(name)"
        }
    }
}

/// What to look at before the next step of a move, and the commands that go on and back.
struct MigrationAdvice {
    typealias Plan = MigrationStep

    /// A command and where it leads.
    struct Way {
        let position: Plan.Position
        let command: String
    }

    let route: MigratingRoute
    /// What the commands have to be told of the configuration: nothing, or ` -c FILE`.
    let configurationOption: String

    /// Where the move stands.
    var position: Plan.Position {
        Plan.Position(stage: route.migration.stage, percent: route.migration.percent.text)
    }

    /// The next step; none from `complete`.
    var next: Way? { way(.advance) }
    /// The step back; none from `off`.
    var back: Way? { way(.back) }

    /// Everybody back to the old connection, conversations or not; nothing where that is one step anyway.
    var stop: String? {
        position.stage > .shadow ? "signet migrate back \(route.name) --stage off --force\(configurationOption)" : nil
    }

    private func way(_ direction: Plan.Direction) -> Way? {
        let request = Plan.Request(direction: direction, stage: nil, percent: nil, isForced: false)
        let plan = try? Plan(route.name, from: position, request)
        return plan.map { plan in
            Way(
                position: plan.becomes,
                command: "signet migrate \(direction.rawValue) \(route.name)\(configurationOption)")
        }
    }

    /// What has to hold before the next step.
    var checks: [String] {
        let (name, old, new) = (route.name, route.from.name, route.to.name)
        let preview = "signet migrate preview \(name) --identities FILE\(configurationOption)"
        let report = "signet migrate report \(name) AUDITFILE…"
        switch position.stage {
        case .off:
            return [
                "signet check\(configurationOption) passes, and \(route.to.vendor)'s console has the key of \(new)",
                "\(preview) ends with 0, and tells what \(new) gets to see",
            ]
        case .shadow:
            return [
                "signet_migration_shadow_total has had no error as result for a day",
                "the page can load \(route.to.vendor)'s widget as well",
            ]
        case .live:
            return [
                "\(report) shows no fallback, and nobody moved back",
                "signet_migration_errors_total has no code on side \"to\" that \"from\" has not",
                "\(route.to.vendor)'s own desk shows who the customers are",
            ]
        case .rampdown:
            return ["\(report) shows no \"ongoing\" on side \"from\" for a day: conversations at \(old) have ended"]
        case .complete:
            return [
                "\(report) shows nobody on side \"from\" for a day",
                "then the route says \"connection\": \"\(new)\" in the place of \"migrate\"",
                "then \(old) and its keys go, here and at \(route.from.vendor)",
            ]
        }
    }
}
