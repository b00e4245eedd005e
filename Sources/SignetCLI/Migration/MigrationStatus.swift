import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting

/// The status of a migration, for people and for programs.
struct MigrationStatus {
    let route: MigratingRoute
    let advice: MigrationAdvice

    private var migration: Migration { route.migration }

    // MARK: For people

    var text: String {
        let rows = facts + checks + commands
        return "\(route.title)\n" + TextTable(indent: "  ", rows: rows.map { [.text($0), .text($1)] }).text
    }

    /// The settings that count in the stage.
    private var facts: [(String, String)] {
        var facts = [("stage", "\(migration.stage.rawValue): \(meaning)")]
        guard migration.stage == .live else { return facts }
        facts.append(("percent", "\(migration.percent.text) %, by \(migration.stickiness.text), salt \(salt)"))
        for cohort in migration.cohorts {
            facts.append(("cohort", "\(cohort.name): \(cohort.percent.text) %, where \(cohort.when.text)"))
        }
        facts.append(("anonymous", "\"\(migration.anonymous.rawValue)\", or by visitorId if there is one"))
        let (new, old) = (migration.pins.count(.to), migration.pins.count(.from))
        if new + old > 0 { facts.append(("pins", "\(new) to \(route.to.name), \(old) to \(route.from.name)")) }
        facts.append(("fallback", "to \(route.from.name) after \(migration.fallbackAfter) ms or a failure"))
        return facts
    }

    private var salt: String { JSONWriter.text(of: .string(migration.salt)) }

    private var meaning: String {
        switch migration.stage {
        case .off: "everybody gets \(route.from.name)"
        case .shadow: "everybody gets \(route.from.name); \(route.to.name) is tried too, but nothing of it is sent"
        case .live: "those in the percentage get \(route.to.name)"
        case .rampdown: "new conversations get \(route.to.name); ongoing ones keep their connection"
        case .complete: "everybody gets \(route.to.name)"
        }
    }

    private var checks: [(String, String)] {
        advice.checks.enumerated().map { ($0 == 0 ? (advice.next == nil ? "to finish" : "check") : "", $1) }
    }

    private var commands: [(String, String)] {
        let ways = [("next", advice.next), ("back", advice.back)].compactMap { name, way in
            way.map { (name, "\($0.command)  (\($0.position.text))") }
        }
        return ways
            + (advice.stop.map { [("stop", "\($0)  (everybody gets \(route.from.name), ongoing conversations too)")] }
                ?? [])
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
            // Pins count only in this stage, and their files are read only for it.
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
    /// The form in the configuration.
    fileprivate var text: String {
        switch self {
        case .subject: "subject"
        case .visitorID: "visitorId"
        case .attribute(let name): "attributes.\(name)"
        }
    }
}

/// The checks before the next step of a migration, and the commands for a step forward and back.
struct MigrationAdvice {
    /// A command and the position it leads to.
    struct Way {
        let position: MigrationStep.Position
        let command: String
    }

    let route: MigratingRoute
    /// The option of the commands that names the configuration.
    let configurationOption: String

    /// The current stage and percentage.
    var position: MigrationStep.Position {
        MigrationStep.Position(stage: route.migration.stage, percent: route.migration.percent.text)
    }

    /// The next step; none from `complete`.
    var next: Way? { way(.advance) }
    /// The step back; none from `off`.
    var back: Way? { way(.back) }

    /// The command that sends everybody back to the old connection at once. Nil if that is one step anyway.
    var stop: String? {
        position.stage > .shadow ? "signet migrate back \(route.name) --stage off --force\(configurationOption)" : nil
    }

    private func way(_ direction: MigrationStep.Direction) -> Way? {
        let request = MigrationStep.Request(direction: direction, stage: nil, percent: nil, isForced: false)
        let step = try? MigrationStep(route.name, from: position, request)
        return step.map { step in
            Way(
                position: step.becomes,
                command: "signet migrate \(direction.rawValue) \(route.name)\(configurationOption)")
        }
    }

    /// The conditions for the next step.
    var checks: [String] {
        let (name, old, new) = (route.name, route.from.name, route.to.name)
        let preview = "signet migrate preview \(name) --identities FILE\(configurationOption)"
        let report = "signet migrate report \(name) AUDITFILE…"
        switch position.stage {
        case .off:
            return [
                "signet check\(configurationOption) passes, and \(route.to.vendor)'s console has the key of \(new)",
                "\(preview) ends with status 0 and shows what \(new) receives",
            ]
        case .shadow:
            return [
                "signet_migration_shadow_total shows no error for a day",
                "the page can load \(route.to.vendor)'s widget too",
            ]
        case .live:
            return [
                "\(report) shows no fallback, and no customer who moved back",
                "signet_migration_errors_total has no code on side \"to\" that side \"from\" does not have",
                "\(route.to.vendor)'s agents see who the customers are",
            ]
        case .rampdown:
            return ["\(report) shows no \"ongoing\" on side \"from\" for a day: no conversation at \(old) goes on"]
        case .complete:
            return [
                "\(report) shows nobody on side \"from\" for a day",
                "replace \"migrate\" in the route by \"connection\": \"\(new)\"",
                "remove \(old) and its keys, here and at \(route.from.vendor)",
            ]
        }
    }
}
