import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetServer

/// The names of the entries that a reload has changed, for the log. A key has changed if its entry or its material has.
struct ReloadChanges {
    /// How many names of one kind are listed.
    private static let nameLimit = 20

    /// Members of the log line; none if nothing changed.
    private(set) var members: [JSONMember] = []

    init(from old: ConfigurationLoad.Loaded, to new: ConfigurationLoad.Loaded, at time: NumericDate) {
        let before = Dictionary(uniqueKeysWithValues: old.gateway.keys.map { ($0.name, $0.key) })
        let otherMaterial = new.gateway.keys.filter { before[$0.name]?.isSameKey(as: $0.key) == false }.map(\.name)
        let keys = Set(Self.names("keys", old, new) + otherMaterial)
        let connections = Set(Self.names("connections", old, new))
        add("keys", keys)
        add("connections", connections)
        // A file of pinned subjects is a part of its route.
        let pinned = new.configuration.routes.routes.map(\.name).filter { name in
            let (before, after) = (
                old.configuration.routes.migration(of: name), new.configuration.routes.migration(of: name)
            )
            return before != nil && before?.pins != after?.pins
        }
        add("routes", Set(Self.names("routes", old, new) + pinned))
        add("callers", Set(Self.names("callers", old, new)))
        let settings = Self.names(of: old, new) { $0.source.root }
        add("settings", Set(settings).subtracting(["keys", "connections", "routes", "callers"]))
        if let certificate = new.certificate, old.certificate?.isSame(as: certificate) != true {
            members.append(JSONMember("certificate", .string(certificate.notAfter.rfc3339)))
        }
        let touched = new.configuration.connections.filter { connection in
            connections.contains(connection.name) || connection.keys.contains(where: keys.contains)
        }
        let schedules = Dictionary(
            uniqueKeysWithValues: new.gateway.state.router.scheduled.map { ($0.name, $0.schedule) })
        let signing = touched.prefix(Self.nameLimit).compactMap { connection in
            schedules[connection.name]??.key(at: time).map { JSONMember(connection.name, .string($0)) }
        }
        if !signing.isEmpty { members.append(JSONMember("signing", .object(signing))) }
    }

    private mutating func add(_ kind: String, _ names: Set<String>) {
        guard !names.isEmpty else { return }
        let rest = names.count - Self.nameLimit
        let listed = names.sorted().prefix(Self.nameLimit) + (rest > 0 ? ["and \(rest) more"] : [])
        members.append(JSONMember(kind, .array(listed.map(JSONValue.string))))
    }

    /// The names in a section with different entries.
    private static func names(
        _ section: String, _ old: ConfigurationLoad.Loaded, _ new: ConfigurationLoad.Loaded
    ) -> [String] {
        names(of: old, new) { $0.source.root.member(section)?.value }
    }

    private static func names(
        of old: ConfigurationLoad.Loaded, _ new: ConfigurationLoad.Loaded, in section: (Configuration) -> JSONNode?
    ) -> [String] {
        let (before, after) = (entries(section(old.configuration)), entries(section(new.configuration)))
        return Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
    }

    /// The members of an object, or the elements of a list by their names.
    private static func entries(_ node: JSONNode?) -> [String: JSONValue] {
        let named =
            node?.members?.map { ($0.name, $0.value.value) }
            ?? node?.elements?.map { ($0.member("name")?.value.string ?? "", $0.value) } ?? []
        return Dictionary(named) { first, _ in first }
    }
}
