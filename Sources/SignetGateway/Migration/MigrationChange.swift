import SignetIdentity
import SignetJOSE
import SignetRouting

/// A route whose move went on, back, began or ended with a new configuration.
struct MigrationChange: Sendable {
    let route: String
    let old: Migration?
    let new: Migration?

    /// Every route that is in a move before or after, and is not as it was.
    static func changes(from old: RouteTable, to new: RouteTable) -> [MigrationChange] {
        let gone = old.routes.map(\.name).filter { name in !new.routes.contains { $0.name == name } }
        return (new.routes.map(\.name) + gone).compactMap { name in
            let change = MigrationChange(route: name, old: old.migration(of: name), new: new.migration(of: name))
            return change.old?.step == change.new?.step ? nil : change
        }
    }

    func line(configurationDigest: String?) -> LogLine {
        LogLine(
            .info, "migration",
            [
                JSONMember("route", .string(route)), JSONMember("old", old?.step ?? .null),
                JSONMember("new", new?.step ?? .null),
                JSONMember("configDigest", .string(configurationDigest ?? "")),
            ])
    }
}

extension Gateway {
    /// Logs the moves that are in force: where configurations come with a restart, this is where a change is seen.
    package func logMigrations() {
        let state = state
        for route in state.router.routes.routes {
            guard let migration = route.migration else { continue }
            services.log?.log(
                LogLine(
                    .info, "migration",
                    [
                        JSONMember("route", .string(route.name)), JSONMember("new", migration.step),
                        JSONMember("configDigest", .string(state.configurationDigest ?? "")),
                    ]))
        }
    }
}

extension Migration {
    /// How far it is and for whom: what is worth a line when it is another.
    fileprivate var step: JSONValue {
        var members = [
            JSONMember("from", .string(from)), JSONMember("to", .string(to)),
            JSONMember("stage", .string(stage.rawValue)), JSONMember("percent", percent.json),
        ]
        members += [
            JSONMember("stickiness", .string(stickiness.text)), JSONMember("salt", .string(salt)),
            JSONMember("anonymous", .string(anonymous.rawValue)),
            JSONMember("fallbackAfter", .number(JSONNumber(fallbackAfter))),
        ]
        if !cohorts.isEmpty {
            members.append(JSONMember("cohorts", .array(cohorts.map(\.step))))
        }
        let pinned = Side.allCases.map { (side: $0, count: pins.count($0)) }.filter { $0.count > 0 }
        if !pinned.isEmpty {
            members.append(
                JSONMember(
                    "pinned",
                    .object(pinned.map { JSONMember($0.side.rawValue, .number(JSONNumber($0.count))) })))
        }
        return .object(members)
    }
}

extension Migration.Cohort {
    fileprivate var step: JSONValue {
        ["name": .string(name), "when": .string(when.text), "percent": percent.json]
    }
}

extension Percentage {
    fileprivate var json: JSONValue { .number(JSONNumber(validated: text)) }
}
