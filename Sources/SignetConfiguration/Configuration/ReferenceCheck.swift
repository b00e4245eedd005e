import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Checks the names in a configuration: keys, connections and routes that exist and fit together.
///
/// It reads the names from the text, so that another fault in a connection or a route hides none of them.
struct ReferenceCheck {
    let source: ConfigurationSource
    let vendors: [Vendor]
    let keys: [Configuration.KeyEntry]
    let digestKey: String?
    private let connections: [Connection]
    private var found: [Diagnostic] = []

    /// The names in a connection.
    private struct Connection {
        let name: String
        let vendor: String?
        /// The names of its keys, each with its path.
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
                // An invalid name was reported before.
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
        // A key looks unused if the connection that uses it cannot be read.
        if misshapen.isEmpty { warnOfUnusedKeys() }
        return found
    }

    private mutating func error(_ path: [String], _ message: String, hint: String? = nil) {
        found.append(source.diagnostic(path, message, hint: hint))
    }

    /// The names of all entries, with and without faults.
    private func names(_ member: String) -> [String] {
        source.root.member(member)?.value.members?.map(\.name) ?? []
    }

    // MARK: Keys

    private mutating func checkKeys(of connection: Connection) {
        let vendor = vendors.first { $0.name == connection.vendor }
        for (index, (name, path)) in connection.keys.enumerated() {
            if connection.keys[..<index].contains(where: { $0.name == name }) {
                error(path, "key \"\(name)\" is named twice")
            }
            guard names("keys").contains(name) else {
                error(path, "no key \"\(name)\"", hint: NearestName.hint(for: name, among: names("keys")))
                continue
            }
            if let vendor, let key = keys.first(where: { $0.name == name }) { check(key, for: vendor, at: path) }
        }
    }

    private mutating func check(_ key: Configuration.KeyEntry, for vendor: Vendor, at path: [String]) {
        guard let fault = vendor.fault(ofKey: key.name, key.algorithm, keyID: key.keyID) else { return }
        // The member decides the algorithm.
        let reason = key.encoding == nil ? ": it has no \"encoding\"" : ": it has an \"encoding\""
        error(path, fault.reason + (key.algorithm == vendor.algorithm ? "" : reason), hint: fault.hint)
    }

    /// With one secret at two vendors, each vendor could sign for the other.
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
                        path, "key \"\(name)\" is also the key of \"\(other.connection.name)\", at another vendor",
                        hint: KeyIDSharing.oneVendorHint)
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
                ["keys", key.name, "notAfter"], "it is not after \"notBefore\", so the key would never sign",
                hint: "for a key that only verifies, put it after another key in \"keys\" of its connection")
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
                ["digestKey"], "key \"\(name)\" is also the key of \"\(user.name)\"",
                hint: "the digest key is only for Signet: signet keys generate \(name) --algorithm hs256")
        }
        if let key, key.window != .always {
            error(
                ["digestKey"],
                "key \"\(name)\" has \"notBefore\" or \"notAfter\", but the digest key never changes",
                hint: "remove them: they limit when a key signs for a vendor")
        }
        if key?.algorithm == .es256 {
            error(["digestKey"], "the digest key has to be an HMAC secret, but key \"\(name)\" has no \"encoding\"")
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
                    path + ["when"], "it is empty and would match every request",
                    hint: "\"otherwise\" is for all other requests")
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
            error(path + ["to"], "it is the same connection as \"from\"")
        }
        warnOfShadowed("cohorts", of: migration, path)
    }

    /// The first condition that holds wins, so a later one may never count.
    private mutating func warnOfShadowed(_ member: String, of node: JSONNode, _ path: [String]) {
        var earlier: [Condition] = []
        for (index, element) in (node.member(member)?.value.elements ?? []).enumerated() {
            guard let when = element.member("when")?.value else { continue }
            let condition = Condition(when.value)
            if condition.isShadowed(by: earlier) {
                found.append(
                    source.diagnostic(
                        path + [member, "\(index)", "when"],
                        "it never applies: earlier conditions match all of its requests", severity: .warning,
                        hint: "the first match applies: put this one before the others, or remove it"))
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
