import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// A route with a migration, as the configuration has it.
struct MigratingRoute: Sendable {
    let name: String
    let migration: Migration
    let from: Configuration.ConnectionEntry
    let to: Configuration.ConnectionEntry

    /// Every route with a migration, in the order of the file.
    static func all(in configuration: Configuration) -> [MigratingRoute] {
        configuration.routes.routes.compactMap { MigratingRoute($0, in: configuration) }
    }

    /// The route of this name, which has to have a migration.
    static func named(_ name: String, in configuration: Configuration) throws(CommandFailure) -> MigratingRoute {
        let route = try reporting {
            try configuration.routes.route(name)
        }
        guard let migrating = MigratingRoute(route, in: configuration) else {
            let names = all(in: configuration).map(\.name)
            throw CommandFailure(
                .wrongUse, "the route \"\(name)\" has no \"migrate\"",
                hint: names.isEmpty
                    ? "to start a migration, set \"migrate\": { \"from\": …, \"to\": …, \"stage\": \"off\" }"
                    : "routes with \"migrate\": \(names.joined(separator: ", "))")
        }
        return migrating
    }

    private init?(_ route: Route, in configuration: Configuration) {
        guard let migration = route.migration,
            let from = configuration.connections.first(where: { $0.name == migration.from }),
            let to = configuration.connections.first(where: { $0.name == migration.to })
        else { return nil }
        name = route.name
        self.migration = migration
        self.from = from
        self.to = to
    }

    /// `help: dg-eu (dg) -> talkative-uk (talkative)`
    var title: String {
        "\(name): \(from.name) (\(from.vendor)) -> \(to.name) (\(to.vendor))"
    }

    /// The members that name the route and its sides.
    var members: [JSONMember] {
        func json(_ entry: Configuration.ConnectionEntry) -> JSONValue {
            ["connection": .string(entry.name), "vendor": .string(entry.vendor)]
        }
        return [
            JSONMember("route", .string(name)), JSONMember("from", json(from)), JSONMember("to", json(to)),
        ]
    }
}

extension JSONValue {
    /// A number.
    static func count(_ number: some FixedWidthInteger) -> JSONValue {
        .number(JSONNumber(number))
    }

    /// A percentage as the configuration writes it.
    static func percent(_ percent: Percentage) -> JSONValue {
        .number(JSONNumber(validated: percent.text))
    }
}
