import SignetIdentity
import SignetJOSE
import SignetRouting

/// Whether what the configuration names is there and goes together: keys, connections, routes.
///
/// It reads the names where they stand, so that a fault elsewhere in a connection or a route hides none of them.
struct ReferenceCheck {
    let source: ConfigurationSource
    let vendors: [Vendor]
    let keys: [Configuration.KeyEntry]
    let digestKey: String?
    private let connections: [Connection]
    private var found: [Diagnostic] = []

    /// A connection, so far as names go.
    private struct Connection {
        let name: String
        let vendor: String?
        /// The keys' names, each with its place.
        let keys: [(name: String, path: [String])]
    }

    init(source: ConfigurationSource, vendors: [Vendor], keys: [Configuration.KeyEntry], digestKey: String?) {
        self.source = source
        self.vendors = vendors
        self.keys = keys
        self.digestKey = digestKey
        connections = (source.root.member("connections")?.value.members ?? []).map { member in
            let path = ["connections", member.name]
            let single = member.value.member("key")?.value.string.map { [($0, path + ["key"])] } ?? []
            let several = (member.value.member("keys")?.value.elements ?? []).enumerated().compactMap { index, node in
                node.string.map { ($0, path + ["keys", "\(index)"]) }
            }
            return Connection(
                name: member.name, vendor: member.value.member("vendor")?.value.string,
                // What is no name has been reported as that.
                keys: (single + several).filter { StringForm.name.accepts($0.0) })
        }
    }

    mutating func faults(sparing misshapen: [[String]]) -> [Diagnostic] {
        found = []
        for connection in connections { checkKeys(of: connection) }
        checkSharing()
        checkKeyIDs()
        checkWindows()
        for route in source.root.member("routes")?.value.members ?? [] { checkConnections(of: route) }
        if !misshapen.contains(["digestKey"]) { checkDigestKey() }
        // A key looks unused while the connection that uses it cannot be read.
        if misshapen.isEmpty { warnOfUnusedKeys() }
        return found
    }

    private mutating func error(_ path: [String], _ message: String, hint: String? = nil) {
        found.append(source.diagnostic(path, message, hint: hint))
    }

    /// The names that are written down, whether or not what they stand for is sound.
    private func names(_ member: String) -> [String] {
        source.root.member(member)?.value.members?.map(\.name) ?? []
    }

    // MARK: Keys

    private mutating func checkKeys(of connection: Connection) {
        let vendor = vendors.first { $0.name == connection.vendor }
        for (index, (name, path)) in connection.keys.enumerated() {
            if connection.keys[..<index].contains(where: { $0.name == name }) {
                error(path, "key \"\(name)\" stands twice")
            }
            guard names("keys").contains(name) else {
                error(path, "no key \"\(name)\"", hint: NearestName.hint(for: name, among: names("keys")))
                continue
            }
            if let vendor, let key = keys.first(where: { $0.name == name }) { check(key, for: vendor, at: path) }
        }
    }

    private mutating func check(_ key: Configuration.KeyEntry, for vendor: Vendor, at path: [String]) {
        if key.algorithm != vendor.algorithm {
            let fault =
                vendor.algorithm == .hs256
                ? "\(vendor.title) wants an HMAC secret, and key \"\(key.name)\" says no \"encoding\""
                : "\(vendor.title) wants a P-256 key, and key \"\(key.name)\" is an HMAC secret: it has an \"encoding\""
            error(path, fault, hint: vendor.keyOrigin)
        } else if vendor.keyID == .required && key.keyID == nil {
            error(path, "\(vendor.title) wants a \"kid\", and key \"\(key.name)\" has none", hint: vendor.keyOrigin)
        } else if vendor.keyID == .none && key.keyID != nil {
            error(
                path, "\(vendor.title) knows no \"kid\", and key \"\(key.name)\" has one",
                hint: "remove it from the key")
        }
    }

    /// One secret under two vendors would let the one sign for the other.
    private mutating func checkSharing() {
        var seen: [(connection: Connection, key: Configuration.KeyEntry)] = []
        for connection in connections where connection.vendor != nil {
            for (name, path) in connection.keys {
                guard let key = keys.first(where: { $0.name == name }) else { continue }
                let other = seen.first {
                    $0.connection.vendor != connection.vendor
                        && ($0.key.name == name || $0.key.origin == key.origin)
                }
                if let other {
                    error(
                        path, "key \"\(name)\" is the key of \"\(other.connection.name)\" too, at another vendor",
                        hint: "a key is for one vendor; what one of them knows must not sign for the other")
                }
                seen.append((connection, key))
            }
        }
    }

    private mutating func checkKeyIDs() {
        let faults = KeyIDSharing.faults(
            among: keys.map { KeyIDSharing.Key(name: $0.name, keyID: $0.keyID, algorithm: $0.algorithm) },
            connections: connections.map { ($0.name, $0.keys.map(\.name)) })
        for fault in faults { error(["keys", fault.key, "kid"], fault.text, hint: KeyIDSharing.Fault.hint) }
    }

    private mutating func checkWindows() {
        for key in source.root.member("keys")?.value.members ?? [] {
            let times = ["notBefore", "notAfter"].map { member in
                key.value.member(member)?.value.string.flatMap(NumericDate.init(rfc3339:))
            }
            guard let start = times[0], let end = times[1], end <= start else { continue }
            error(
                ["keys", key.name, "notAfter"], "it is not after \"notBefore\": the key would never sign",
                hint: "a key that only verifies stands behind another in \"keys\" of its connection")
        }
    }

    private mutating func checkDigestKey() {
        guard let name = digestKey else { return }
        guard names("keys").contains(name) else {
            return error(["digestKey"], "no key \"\(name)\"", hint: NearestName.hint(for: name, among: names("keys")))
        }
        let key = keys.first { $0.name == name }
        let user = connections.first { connection in
            connection.keys.contains { used, _ in
                guard let key, let other = keys.first(where: { $0.name == used }) else { return used == name }
                return used == name || other.origin == key.origin
            }
        }
        if let user {
            error(
                ["digestKey"], "key \"\(name)\" is the key of \"\(user.name)\" too",
                hint: "the digest key is Signet's own: signet keys generate \(name) --algorithm hs256")
        }
        if let key, key.window != .always {
            error(
                ["digestKey"],
                "key \"\(name)\" has \"notBefore\" or \"notAfter\", and the digest key is always the same",
                hint: "leave them out: they say when a key signs for a vendor")
        }
        if key?.algorithm == .es256 {
            error(["digestKey"], "the digest key is an HMAC secret, and key \"\(name)\" says no \"encoding\"")
        }
    }

    private mutating func warnOfUnusedKeys() {
        let used = Set(connections.flatMap { $0.keys.map(\.name) } + [digestKey].compactMap { $0 })
        for key in keys where !used.contains(key.name) {
            found.append(source.diagnostic(["keys", key.name], "nothing uses this key", severity: .warning))
        }
    }

    // MARK: Routes

    private mutating func checkConnections(of route: JSONNode.Member) {
        let path = ["routes", route.name]
        checkConnection("connection", of: route.value, path)
        for (index, element) in (route.value.member("cases")?.value.elements ?? []).enumerated() {
            let path = path + ["cases", "\(index)"]
            checkConnection("connection", of: element, path)
            if element.member("when")?.value.members?.isEmpty == true {
                error(
                    path + ["when"], "it is empty and would match everybody",
                    hint: "\"otherwise\" is for everybody else")
            }
        }
        warnOfShadowed("cases", of: route.value, path)
        if let otherwise = route.value.member("otherwise")?.value {
            checkConnection("connection", of: otherwise, path + ["otherwise"])
        }
        if let migration = route.value.member("migrate")?.value { checkMigration(migration, path + ["migrate"]) }
    }

    private mutating func checkMigration(_ migration: JSONNode, _ path: [String]) {
        checkConnection("from", of: migration, path)
        checkConnection("to", of: migration, path)
        if let from = migration.member("from")?.value.string, from == migration.member("to")?.value.string {
            error(path + ["to"], "it is the connection to move away from")
        }
        warnOfShadowed("cohorts", of: migration, path)
    }

    /// The first condition that holds wins, so that one may be left for nobody.
    private mutating func warnOfShadowed(_ member: String, of node: JSONNode, _ path: [String]) {
        var earlier: [Condition] = []
        for (index, element) in (node.member(member)?.value.elements ?? []).enumerated() {
            guard let when = element.member("when")?.value else { continue }
            let condition = Condition(when.value)
            if condition.isShadowed(by: earlier) {
                found.append(
                    source.diagnostic(
                        path + [member, "\(index)", "when"],
                        "it never counts: earlier ones already match all of its requests", severity: .warning,
                        hint: "the first one that holds wins: put this one before it, or remove it"))
            }
            earlier.append(condition)
        }
    }

    private mutating func checkConnection(_ member: String, of node: JSONNode, _ path: [String]) {
        guard let name = node.member(member)?.value.string, StringForm.name.accepts(name) else { return }
        let names = names("connections")
        if !names.contains(name) {
            error(path + [member], "no connection \"\(name)\"", hint: NearestName.hint(for: name, among: names))
        }
    }
}
