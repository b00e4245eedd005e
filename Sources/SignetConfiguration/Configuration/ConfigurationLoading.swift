import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

extension Configuration {
    /// Loads all keys and connections and tries each connection with a made-up customer.
    ///
    /// - Throws: ``ConfigurationError`` with everything that does not load, does not fit, or is shared between vendors.
    public func load() throws(ConfigurationError) -> Router {
        let loading = loadAll()
        guard loading.errors.isEmpty else { throw ConfigurationError(loading.errors) }
        return try router(of: loading)
    }

    /// The router of a configuration that was loaded without a fault.
    package func router(of loading: Loading) throws(ConfigurationError) -> Router {
        do {
            return try Router(scheduled: loading.scheduled, routes: routes)
        } catch {
            throw ConfigurationError([source.diagnostic([], error.reason, hint: error.hint)])
        }
    }

    /// The outcome of loading everything.
    package struct Loading {
        /// The keys that loaded.
        package var keys: [KeyLoader.Loaded] = []
        /// The connections that are ready.
        package var scheduled: [ScheduledConnection] = []
        /// The faults of the others.
        package var errors: [Diagnostic] = []
        /// The values that `signet init` invented and that were not replaced.
        package var placeholders: [Placeholder] = []

        /// The same connections at the moment of the call.
        package var connections: [VendorConnection] {
            let time = NumericDate.now
            return scheduled.map { $0.connection(at: time) }
        }
    }

    /// Loads everything, and goes on after a fault.
    ///
    /// - Parameters:
    ///   - time: The moment at which every connection has to have a key that signs.
    ///   - isCancelled: Called between keys and while a command runs; true ends the loading with an error.
    package func loadAll(
        at time: NumericDate = .now, unless isCancelled: @escaping @Sendable () -> Bool = { false }
    ) -> Loading {
        var loading = Loading()
        var loader = KeyLoader(source, unless: isCancelled)
        for entry in keys {
            guard !isCancelled() else { return cancelled(loading) }
            do {
                loading.keys.append(try loader.load(entry))
            } catch {
                loading.errors += error.diagnostics
            }
        }
        loading.errors += sharingFaults(among: loading.keys) + keyIDFaults(among: loading.keys)
        for connection in connections {
            guard !isCancelled() else { return cancelled(loading) }
            guard connection.keys.allSatisfy({ name in loading.keys.contains { $0.entry.name == name } }) else {
                continue
            }
            do {
                let ready = try connect(connection, &loader)
                try probe(ready)
                loading.scheduled.append(ready)
                loading.errors += gapFaults(of: ready, at: time)
            } catch {
                loading.errors += error.diagnostics
            }
        }
        loading.errors = loading.errors.inFileOrder
        loading.placeholders = placeholders(among: loading.keys, in: loading.scheduled)
        return loading
    }

    private func cancelled(_ loading: Loading) -> Loading {
        var loading = loading
        // A command that was cancelled has an error already.
        if loading.errors.isEmpty {
            loading.errors = [source.diagnostic([], "loading was cancelled: Signet is stopping", isExternal: true)]
        }
        return loading
    }

    /// Loads one connection and only its keys, tries it, and returns it as it is at the moment of the call.
    package func load(connection name: String) throws(ConfigurationError) -> VendorConnection {
        try load(scheduled: name).connection(at: .now)
    }

    /// Loads one connection and only its keys, and tries it.
    ///
    /// It is not checked whether a key signs at this moment: verifying needs none. Nor is it checked whether another connection has
    /// the same secret: that is for ``loadAll(at:unless:)``.
    package func load(scheduled name: String) throws(ConfigurationError) -> ScheduledConnection {
        guard let connection = connections.first(where: { $0.name == name }) else {
            throw ConfigurationError([source.diagnostic(["connections"], "no connection \"\(name)\"")])
        }
        var loader = KeyLoader(source)
        let ready = try connect(connection, &loader)
        var own: [KeyLoader.Loaded] = []
        for entry in keys where connection.keys.contains(entry.name) { own.append(try loader.load(entry)) }
        let faults = keyIDFaults(among: own)
        guard faults.isEmpty else { throw ConfigurationError(faults) }
        try probe(ready)
        return ready
    }

    private func connect(
        _ connection: ConnectionEntry, _ loader: inout KeyLoader
    ) throws(ConfigurationError) -> ScheduledConnection {
        var named: [NamedKey] = []
        for name in connection.keys {
            guard let entry = keys.first(where: { $0.name == name }) else { continue }
            named.append(NamedKey(name: name, key: try loader.load(entry).key, window: entry.window))
        }
        guard let first = named.first else {
            throw ConfigurationError([source.diagnostic(["connections", connection.name], "it has no key")])
        }
        let keys = ConnectionKeys(signing: first, others: Array(named.dropFirst()))
        do {
            return try ScheduledConnection(keys, connect: connection.connect)
        } catch {
            throw ConfigurationError([
                source.diagnostic(["connections", connection.name] + error.optionPath, error.reason, hint: error.hint)
            ])
        }
    }

    /// Tries the connection with every key that ever signs, so that a fault does not wait for the key's time.
    private func probe(_ connection: ScheduledConnection) throws(ConfigurationError) {
        do {
            for connection in connection.signing { try connection.probe() }
        } catch {
            var diagnostic = source.diagnostic(
                ["connections", connection.name], "a made-up customer cannot be signed: \(error.reason)",
                hint: error.hint)
            diagnostic.isProbe = true
            throw ConfigurationError([diagnostic])
        }
    }

    /// A connection without a key that signs would fail with its first customer.
    private func gapFaults(of connection: ScheduledConnection, at time: NumericDate) -> [Diagnostic] {
        guard let schedule = connection.schedule, schedule.key(at: time) == nil else { return [] }
        let own = connections.first { $0.name == connection.name }?.keys ?? []
        let reasons = keys.filter { own.contains($0.name) }.map { key in
            // A key that does not sign within its window is a placeholder.
            key.window.contains(time)
                ? "\"\(key.name)\" is a placeholder, which never signs next to another key: put the vendor's secret into its place"
                : "\"\(key.name)\" signs \(key.window.text)"
        }
        return [
            source.diagnostic(
                ["connections", connection.name], "none of its keys signs at this moment, \(time.rfc3339)",
                hint: reasons.joined(separator: "; "))
        ]
    }

    /// Two keys of the same bytes for two vendors, or for a vendor and the digest key.
    private func sharingFaults(among loaded: [KeyLoader.Loaded]) -> [Diagnostic] {
        var faults: [Diagnostic] = []
        for (index, key) in loaded.enumerated() {
            for other in loaded[..<index] where key.key.isSameKey(as: other.key) {
                let users = Set(users(of: key.entry.name) + users(of: other.entry.name))
                if users.count > 1 {
                    faults.append(
                        source.diagnostic(
                            ["keys", key.entry.name],
                            "it is the same key as \"\(other.entry.name)\", for \(users.sorted().joined(separator: " and "))",
                            hint: KeyIDSharing.oneVendorHint))
                }
            }
        }
        return faults
    }

    /// Checks the `kid`s again after loading: a JWK may have one. Those in the configuration were checked when it was read.
    private func keyIDFaults(among loaded: [KeyLoader.Loaded]) -> [Diagnostic] {
        let faults = KeyIDSharing.faults(
            among: loaded.map {
                KeyIDSharing.Key(name: $0.entry.name, keyID: $0.key.keyID, algorithm: $0.key.algorithm)
            },
            connections: connections.map { ($0.name, $0.keys) })
        return faults.map { source.diagnostic(["keys", $0.key], $0.text, hint: KeyIDSharing.Fault.hint) }
    }

    /// The vendors that use a key. Signet uses the digest key.
    private func users(of key: String) -> [String] {
        connections.filter { $0.keys.contains(key) }.map(\.vendor) + (key == digestKey ? ["Signet's own digests"] : [])
    }
}
