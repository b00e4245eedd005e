import SignetIdentity
import SignetJOSE
import SignetRouting

/// A route whose migration changed with a new configuration.
struct MigrationChange: Sendable {
    let route: String
    let old: Migration?
    let new: Migration?

    /// Every route whose migration is not what it was.
    static func changes(from old: RouteTable, to new: RouteTable) -> [MigrationChange] {
        let gone = old.routes.map(\.name).filter { name in !new.routes.contains { $0.name == name } }
        return (new.routes.map(\.name) + gone).compactMap { name in
            let change = MigrationChange(route: name, old: old.migration(of: name), new: new.migration(of: name))
            return change.old?.step == change.new?.step ? nil : change
        }
    }

    func line(configurationDigest: String?) -> LogLine {
        line([JSONMember("old", old?.step ?? .null)], configurationDigest)
    }

    /// - Parameter before: What the line has of the time before.
    fileprivate func line(_ before: [JSONMember], _ configurationDigest: String?) -> LogLine {
        LogLine(
            .info, "migration",
            [JSONMember("route", .string(route))] + before + [
                JSONMember("new", new?.step ?? .null), JSONMember("configDigest", .string(configurationDigest ?? "")),
            ])
    }
}

extension Gateway {
    /// Logs the migrations in force. Where each configuration comes with a restart, these lines show the changes.
    package func logMigrations() {
        let state = state
        for route in state.router.routes.routes {
            guard let migration = route.migration else { continue }
            let change = MigrationChange(route: route.name, old: nil, new: migration)
            services.log?.log(change.line([], state.configurationDigest))
        }
    }
}

extension Migration {
    /// What a line in the log has of a migration; another value is a change.
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
