import SignetIdentity
import SignetJOSE

/// Whether what the configuration names is there and goes together: keys, connections, routes.
struct ReferenceCheck {
    let source: ConfigurationSource
    let vendors: [Vendor]
    let keys: [Configuration.KeyEntry]
    let connections: [Configuration.ConnectionEntry]
    let routes: [Route]
    let digestKey: String?
    private var found: [Diagnostic] = []

    init(
        source: ConfigurationSource, vendors: [Vendor], keys: [Configuration.KeyEntry],
        connections: [Configuration.ConnectionEntry], routes: [Route], digestKey: String?
    ) {
        self.source = source
        self.vendors = vendors
        self.keys = keys
        self.connections = connections
        self.routes = routes
        self.digestKey = digestKey
    }

    mutating func faults(sparing misshapen: [[String]]) -> [Diagnostic] {
        found = []
        for connection in connections { checkKeys(of: connection) }
        checkSharing()
        for route in routes { checkConnections(of: route) }
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

    private mutating func checkKeys(of connection: Configuration.ConnectionEntry) {
        guard let vendor = vendors.first(where: { $0.name == connection.vendor }) else { return }
        for (index, name) in connection.keys.enumerated() {
            let path = keyPath(of: connection, index)
            if connection.keys[..<index].contains(name) {
                error(path, "key \"\(name)\" stands twice")
            }
            guard names("keys").contains(name) else {
                error(path, "no key \"\(name)\"", hint: NearestName.hint(for: name, among: names("keys")))
                continue
            }
            if let key = keys.first(where: { $0.name == name }) { check(key, for: vendor, at: path) }
        }
    }

    private func keyPath(of connection: Configuration.ConnectionEntry, _ index: Int) -> [String] {
        let entry = source.root.member("connections")?.value.member(connection.name)?.value
        let path = ["connections", connection.name]
        return entry?.member("keys") == nil ? path + ["key"] : path + ["keys", "\(index)"]
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
        var seen: [(connection: Configuration.ConnectionEntry, key: Configuration.KeyEntry)] = []
        for connection in connections {
            for (index, name) in connection.keys.enumerated() {
                guard let key = keys.first(where: { $0.name == name }) else { continue }
                let other = seen.first {
                    $0.connection.vendor != connection.vendor
                        && ($0.key.name == name || $0.key.origin.isCertainly(key.origin))
                }
                if let other {
                    error(
                        keyPath(of: connection, index),
                        "key \"\(name)\" is the key of \"\(other.connection.name)\" too, at another vendor",
                        hint: "a key is for one vendor; what one of them knows must not sign for the other")
                }
                seen.append((connection, key))
            }
        }
    }

    private mutating func checkDigestKey() {
        guard let name = digestKey else { return }
        guard names("keys").contains(name) else {
            return error(["digestKey"], "no key \"\(name)\"", hint: NearestName.hint(for: name, among: names("keys")))
        }
        let key = keys.first { $0.name == name }
        let user = connections.first { connection in
            connection.keys.contains { used in
                guard let key, let other = keys.first(where: { $0.name == used }) else { return used == name }
                return used == name || other.origin.isCertainly(key.origin)
            }
        }
        if let user {
            error(
                ["digestKey"], "key \"\(name)\" is the key of \"\(user.name)\" too",
                hint: "the digest key is Signet's own: signet keys generate \(name) --algorithm hs256")
        }
        if key?.algorithm == .es256 {
            error(["digestKey"], "the digest key is an HMAC secret, and key \"\(name)\" says no \"encoding\"")
        }
    }

    private mutating func warnOfUnusedKeys() {
        let used = Set(connections.flatMap(\.keys) + [digestKey].compactMap { $0 })
        for key in keys where !used.contains(key.name) {
            found.append(source.diagnostic(["keys", key.name], "nothing uses this key", severity: .warning))
        }
    }

    // MARK: Routes

    private mutating func checkConnections(of route: Route) {
        let path = ["routes", route.name]
        switch route.rule {
        case .connection(let name): checkConnection(name, path + ["connection"])
        case .cases(let cases, let otherwise):
            for (index, element) in cases.enumerated() {
                checkConnection(element.connection, path + ["cases", "\(index)", "connection"])
                if element.when.isEmpty {
                    error(
                        path + ["cases", "\(index)", "when"], "it is empty and would match everybody",
                        hint: "\"otherwise\" is for everybody else")
                }
            }
            checkConnection(otherwise, path + ["otherwise", "connection"])
        case .migration(let from, let to):
            checkConnection(from, path + ["migrate", "from"])
            checkConnection(to, path + ["migrate", "to"])
            found.append(
                source.diagnostic(
                    path + ["migrate"], "migrations are not there yet: nothing can be signed for this route",
                    severity: .warning, hint: "name a \"connection\" or \"cases\" until then"))
            if from == to { error(path + ["migrate", "to"], "it is the connection to move away from") }
        }
    }

    private mutating func checkConnection(_ name: String, _ path: [String]) {
        let names = names("connections")
        if !names.contains(name) {
            error(path, "no connection \"\(name)\"", hint: NearestName.hint(for: name, among: names))
        }
    }
}
