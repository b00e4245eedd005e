import SignetIdentity
import SignetJOSE
import SignetRouting

/// A connection whose keys are changed: its entry, its vendor, and the paths of both in the configuration's text.
struct ConfiguredConnection {
    let entry: Configuration.ConnectionEntry
    let vendor: Vendor
    let configuration: Configuration
    /// Which of its keys signs when.
    let schedule: SigningSchedule
    /// The key that signs at this moment; where none does, the one that is preferred.
    let signing: String

    /// Finds a connection by its name.
    init(
        _ name: String, in configuration: Configuration, plugins: [any VendorPlugin.Type]
    ) throws(CommandFailure) {
        let names = configuration.connections.map(\.name)
        guard let entry = configuration.connections.first(where: { $0.name == name }),
            let plugin = plugins.first(where: { $0.vendor.name == entry.vendor })
        else {
            throw CommandFailure(
                .wrongUse, "no connection \(UnknownName.quoted(name))", hint: NearestName.hint(for: name, among: names))
        }
        self.entry = entry
        self.configuration = configuration
        vendor = plugin.vendor
        let schedule = Self.schedule(of: entry, in: configuration)
        self.schedule = schedule
        signing = schedule.key(at: .now) ?? entry.keys.first ?? ""
    }

    /// The schedule as loading all keys would make it; only files are looked into, for that is where placeholders are.
    private static func schedule(
        of connection: Configuration.ConnectionEntry, in configuration: Configuration
    ) -> SigningSchedule {
        var loader = KeyLoader(configuration.source)
        let keys = connection.keys.compactMap { name in configuration.keys.first { $0.name == name } }
        let real = keys.filter { key in
            guard key.path != nil, key.encoding != nil, let loaded = try? loader.load(key) else { return true }
            return !PlaceholderSecret.isOne(loaded.key)
        }
        return SigningSchedule((real.isEmpty ? keys : real).map { (name: $0.name, window: $0.window) })
    }

    /// Its keys that were made to follow the one that signs and never signed: `keys rotate` writes their entries behind that one's.
    var waiting: [String] {
        let names = configuration.keys.map(\.name)
        guard let place = names.firstIndex(of: signing) else { return [] }
        return names[(place + 1)...].filter(entry.keys.contains)
    }

    /// How long what a connection signs is good for, in seconds; nil for what has no end.
    static func tokenLifetime(
        of connection: VendorConnection
    ) throws(SigningError) -> (lifetime: Int64?, key: String) {
        let signed = try connection.signer.sign(
            .customer(try connection.probeCustomer()),
            in: SigningContext(
                time: .now, route: "signet-probe", session: connection.needsSession ? ProbeIdentity.session : nil))
        return (signed.expiresAt.map { $0.seconds - signed.issuedAt.seconds }, signed.key)
    }

    /// Where the list of its keys stands, if it has one.
    var keysPath: [String] { ["connections", entry.name, "keys"] }

    /// The entry of a key.
    func key(_ name: String) -> Configuration.KeyEntry? {
        configuration.keys.first { $0.name == name }
    }

    /// One of its keys by its place among them.
    func index(of key: String) throws(CommandFailure) -> Int {
        guard let index = entry.keys.firstIndex(of: key) else {
            throw CommandFailure(
                .wrongUse, "\(UnknownName.quoted(key)) is no key of the connection \(entry.name)",
                hint: NearestName.hint(for: key, among: entry.keys))
        }
        return index
    }

    /// The other connections that use a key.
    func others(using key: String) -> [String] {
        configuration.connections.filter { $0.name != entry.name && $0.keys.contains(key) }.map(\.name)
    }

    /// The names as a JSON list, as it stands in a configuration.
    static func list(_ names: [String]) -> String {
        "[" + names.map { JSONWriter.text(of: .string($0)) }.joined(separator: ", ") + "]"
    }
}
