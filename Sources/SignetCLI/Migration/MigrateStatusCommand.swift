import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting

/// `signet migrate status`: shows the stage of each migration and the next command.
enum MigrateStatusCommand {
    static let declaration = CommandDeclaration(
        path: ["migrate", "status"], summary: "shows the stage of each migration, what to check, and the next command",
        usages: ["[ROUTE] [--output json]"],
        discussion: ["Reads only the configuration: no key is loaded, and no vendor is called."],
        operands: [
            Operand(
                name: "ROUTE", summary: "A route with \"migrate\". Default: every such route.",
                completion: .names(.routes)
            )
        ],
        flags: [.config, .output],
        examples: ["signet migrate status", "signet migrate status help --output json"],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let isJSON = try invocation.wantsJSON()
        let configuration = try invocation.configuration(invocation.operand(0).map(PinScope.inForceOf) ?? .inForce)
        let routes: [MigratingRoute]
        if let name = invocation.operand(0) {
            routes = [try MigratingRoute.named(name, in: configuration)]
        } else {
            routes = MigratingRoute.all(in: configuration)
        }
        let statuses = routes.map { route in
            MigrationStatus(route: route, advice: MigrationAdvice(route: route, invocation: invocation))
        }
        if isJSON {
            try Output.json(.array(statuses.map(\.json)))
        } else if statuses.isEmpty {
            Output.note("signet: no route has \"migrate\"")
        } else {
            try Output.text(statuses.map(\.text).joined(separator: "\n"))
        }
        return .done
    }
}

/// The status of a migration, for people and for programs.
private struct MigrationStatus {
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
        advice.checks.enumerated().map { ($0 == 0 ? advice.checksTitle : "", $1) }
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
