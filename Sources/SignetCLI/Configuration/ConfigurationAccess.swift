import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

extension Invocation {
    /// Reads the configuration.
    ///
    /// - Parameter pins: Which files of pinned subjects the command needs.
    func configuration(_ pins: PinScope = .none) throws(CommandFailure) -> Configuration {
        try reporting { try readConfiguration(pins) }
    }

    /// The same, with its faults as they were found.
    func readConfiguration(_ pins: PinScope) throws(ConfigurationError) -> Configuration {
        try Configuration.read(configurationPath, plugins: plugins, pins: pins)
    }

    /// The configuration's file: the one that was named, or the default one.
    var configurationPath: String {
        if let path = namedConfiguration { return path }
        let usual = ["./signet.json", "./signet.jsonc"]
        return usual.first(where: FileWriting.exists).map { String($0.dropFirst(2)) } ?? "signet.json"
    }

    /// A command to paste that uses the same configuration: `command("check")` is `signet check -c FILE`, or `signet check` for the
    /// default file of this folder.
    func command(_ words: String) -> String {
        ShellCommand.signet(words, configuration: namedConfiguration)
    }

    /// The vendor of a connection; nil if no plugin has it.
    func vendor(of connection: Configuration.ConnectionEntry) -> Vendor? {
        plugins.first { $0.vendor.name == connection.vendor }?.vendor
    }

    private var namedConfiguration: String? {
        if let path = value("--config") { return path }
        return getenv("SIGNET_CONFIG").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension Configuration {
    /// The entry of a connection.
    func connection(named name: String) throws(CommandFailure) -> ConnectionEntry {
        guard let entry = connections.first(where: { $0.name == name }) else {
            throw CommandFailure(
                .wrongUse, "no connection \(UnknownName.quoted(name))",
                hint: NearestName.hint(for: name, among: connections.map(\.name)))
        }
        return entry
    }
}
