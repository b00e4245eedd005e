import SignetIdentity
import SignetJOSE

extension Configuration {
    /// Loads all keys and connections and tries each with a made-up customer.
    ///
    /// - Throws: ``ConfigurationError`` with everything that does not load, does not fit, or is shared between vendors.
    public func load() throws(ConfigurationError) -> Router {
        let loading = loadAll()
        guard loading.errors.isEmpty else { throw ConfigurationError(loading.errors) }
        return try router(of: loading)
    }

    /// The router of what was loaded without a fault.
    package func router(of loading: Loading) throws(ConfigurationError) -> Router {
        do {
            return try Router(connections: loading.connections, routes: routes)
        } catch {
            throw ConfigurationError([source.diagnostic([], error.reason, hint: error.hint)])
        }
    }

    /// What came of loading everything.
    package struct Loading {
        /// The keys that loaded.
        package var keys: [KeyLoader.Loaded] = []
        /// The connections that are ready.
        package var connections: [VendorConnection] = []
        /// What stands in the way of the others.
        package var errors: [Diagnostic] = []
    }

    /// Loads everything there is and goes on after a fault.
    ///
    /// - Parameter isCancelled: Looked at while a command is waited for; true ends the waiting.
    package func loadAll(unless isCancelled: @escaping @Sendable () -> Bool = { false }) -> Loading {
        var loading = Loading()
        var loader = KeyLoader(source, unless: isCancelled)
        for entry in keys {
            do {
                loading.keys.append(try loader.load(entry))
            } catch {
                loading.errors += error.diagnostics
            }
        }
        loading.errors += sharingFaults(among: loading.keys)
        for connection in connections {
            guard connection.keys.allSatisfy({ name in loading.keys.contains { $0.entry.name == name } }) else {
                continue
            }
            do {
                let ready = try connect(connection, &loader)
                try probe(ready)
                loading.connections.append(ready)
            } catch {
                loading.errors += error.diagnostics
            }
        }
        loading.errors = loading.errors.inFileOrder
        return loading
    }

    /// Loads one connection and only what it needs, and tries it.
    ///
    /// Keys of other vendors, and the digest key, are compared where they can be read: one secret must not serve two.
    package func load(connection name: String) throws(ConfigurationError) -> VendorConnection {
        guard let connection = connections.first(where: { $0.name == name }) else {
            throw ConfigurationError([source.diagnostic(["connections"], "no connection \"\(name)\"")])
        }
        var loader = KeyLoader(source)
        let ready = try connect(connection, &loader)
        let rivals =
            connections.filter { $0.vendor != connection.vendor }.flatMap(\.keys) + [digestKey].compactMap { $0 }
        var compared: [KeyLoader.Loaded] = []
        for entry in keys where connection.keys.contains(entry.name) || rivals.contains(entry.name) {
            let algorithms = keys.filter { connection.keys.contains($0.name) }.map(\.algorithm)
            guard algorithms.contains(entry.algorithm), let loaded = try? loader.load(entry) else { continue }
            compared.append(loaded)
        }
        let faults = sharingFaults(among: compared)
        guard faults.isEmpty else { throw ConfigurationError(faults) }
        try probe(ready)
        return ready
    }

    private func connect(
        _ connection: ConnectionEntry, _ loader: inout KeyLoader
    ) throws(ConfigurationError) -> VendorConnection {
        var named: [NamedKey] = []
        for name in connection.keys {
            guard let entry = keys.first(where: { $0.name == name }) else { continue }
            named.append(NamedKey(name: name, key: try loader.load(entry).key))
        }
        guard let first = named.first else {
            throw ConfigurationError([source.diagnostic(["connections", connection.name], "it has no key")])
        }
        do {
            return try connection.connect(ConnectionKeys(signing: first, others: Array(named.dropFirst())))
        } catch {
            throw ConfigurationError([
                source.diagnostic(["connections", connection.name] + error.path, error.message, hint: error.hint)
            ])
        }
    }

    private func probe(_ connection: VendorConnection) throws(ConfigurationError) {
        do {
            try connection.probe()
        } catch {
            var diagnostic = source.diagnostic(
                ["connections", connection.name], "a made-up customer cannot be signed: \(error.reason)",
                hint: error.hint)
            diagnostic.isProbe = true
            throw ConfigurationError([diagnostic])
        }
    }

    /// The same bytes under two vendors, or under a vendor and the digest key.
    private func sharingFaults(among loaded: [KeyLoader.Loaded]) -> [Diagnostic] {
        var faults: [Diagnostic] = []
        for (index, key) in loaded.enumerated() {
            for other in loaded[..<index] where key.key.isSameKey(as: other.key) {
                let users = Set(users(of: key.entry.name) + users(of: other.entry.name))
                if users.count > 1 {
                    faults.append(
                        source.diagnostic(
                            ["keys", key.entry.name],
                            "the same key as \"\(other.entry.name)\", for \(users.sorted().joined(separator: " and "))",
                            hint: "a key is for one vendor; what one of them knows must not sign for the other"))
                }
            }
        }
        return faults
    }

    /// The vendors that a key serves; the digest key serves Signet.
    private func users(of key: String) -> [String] {
        connections.filter { $0.keys.contains(key) }.map(\.vendor) + (key == digestKey ? ["Signet's own digests"] : [])
    }
}
