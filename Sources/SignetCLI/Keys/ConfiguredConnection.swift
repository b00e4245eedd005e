import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// A connection whose keys change: its entry, its vendor and its schedule.
struct ConfiguredConnection {
    let entry: Configuration.ConnectionEntry
    let vendor: Vendor
    let configuration: Configuration
    /// Which key signs at which time.
    let schedule: SigningSchedule
    /// The key that signs now; if none does, the first.
    let signing: String

    /// Finds a connection by its name.
    init(
        _ name: String, in configuration: Configuration, _ invocation: Invocation
    ) throws(CommandFailure) {
        let entry = try configuration.connection(named: name)
        guard let vendor = invocation.vendor(of: entry) else {
            throw CommandFailure(.wrongUse, "no vendor \(UnknownName.quoted(entry.vendor))")
        }
        self.entry = entry
        self.configuration = configuration
        self.vendor = vendor
        let schedule = Self.schedule(of: entry, in: configuration)
        self.schedule = schedule
        signing = schedule.key(at: .now) ?? entry.keys.first ?? ""
    }

    /// The schedule as loading all keys would give it. Only files are read, because placeholder secrets are only in files.
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

    /// The keys that `keys rotate` made and that have not signed yet: their entries follow the signing key's.
    var waiting: [String] {
        let names = configuration.keys.map(\.name)
        guard let place = names.firstIndex(of: signing) else { return [] }
        return names[(place + 1)...].filter(entry.keys.contains)
    }

    /// The path of the list of its keys in the configuration.
    var keysPath: [String] { ["connections", entry.name, "keys"] }

    /// The entry of a key.
    func key(_ name: String) -> Configuration.KeyEntry? {
        configuration.keys.first { $0.name == name }
    }

    /// The index of one of its keys.
    func index(of key: String) throws(CommandFailure) -> Int {
        guard let index = entry.keys.firstIndex(of: key) else {
            throw CommandFailure(
                .wrongUse, "\(UnknownName.quoted(key)) is not a key of the connection \(entry.name)",
                hint: NearestName.hint(for: key, among: entry.keys))
        }
        return index
    }

    /// The other connections that use a key.
    func others(using key: String) -> [String] {
        configuration.connections.filter { $0.name != entry.name && $0.keys.contains(key) }.map(\.name)
    }

    /// The names as a JSON list.
    static func list(_ names: [String]) -> String {
        "[" + names.map { JSONWriter.text(of: .string($0)) }.joined(separator: ", ") + "]"
    }
}

extension Configuration.KeyEntry {
    /// The file that holds it, if a file does.
    var path: String? {
        if case .file(let path) = origin { path } else { nil }
    }
}
