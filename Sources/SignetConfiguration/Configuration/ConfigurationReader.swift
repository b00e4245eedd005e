import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Makes a ``Configuration`` from a text. It checks all types, then the references, and reports all faults at once.
struct ConfigurationReader {
    let source: ConfigurationSource
    let plugins: [any VendorPlugin.Type]
    let pinScope: PinScope
    private(set) var diagnostics: [Diagnostic] = []
    private var pinFiles: [String] = []

    init(source: ConfigurationSource, plugins: [any VendorPlugin.Type], pinScope: PinScope) {
        self.source = source
        self.plugins = plugins
        self.pinScope = pinScope
    }

    mutating func read() throws(ConfigurationError) -> Configuration {
        let vendors = plugins.map { $0.vendor }
        var check = OptionCheck()
        check.check(source.root, as: ConfigurationDeclaration.root(for: vendors), at: [])
        let misshapen = check.faults.map(\.path)
        diagnostics = check.faults.map { source.diagnostic(at: $0.offset, $0.path, $0.message, hint: $0.hint) }

        let keys = readKeys(sparing: misshapen)
        let connections = readConnections(sparing: misshapen)
        let routes = readRoutes(sparing: misshapen)
        let digestKey = source.root.member("digestKey")?.value.string
        var references = ReferenceCheck(
            source: source, vendors: vendors, keys: keys, digestKey: digestKey)
        diagnostics += references.faults(sparing: misshapen)
        diagnostics += GatewayCheck(source: source).faults

        let errors = diagnostics.filter { $0.severity == .error }.inFileOrder
        guard errors.isEmpty else { throw ConfigurationError(errors) }
        return Configuration(
            keys: keys, connections: connections, routes: RouteTable(checked: routes), digestKey: digestKey,
            gateway: GatewaySettings(checked: source), warnings: diagnostics.inFileOrder, pinFiles: pinFiles,
            source: source)
    }

    /// The members of a map without a fault in their types, so that nothing is reported twice.
    private func entries(_ name: String, sparing misshapen: [[String]]) -> [JSONNode.Member] {
        let members = source.root.member(name)?.value.members ?? []
        return members.filter { member in !misshapen.contains { $0.starts(with: [name, member.name]) } }
    }

    // MARK: Keys

    private mutating func readKeys(sparing misshapen: [[String]]) -> [Configuration.KeyEntry] {
        entries("keys", sparing: misshapen).compactMap { member -> Configuration.KeyEntry? in
            let values = OptionValues(member.value, declared: ConfigurationDeclaration.key)
            guard let origin = self.origin(values) else { return nil }
            let passphrase = member.value.member("passphrase").flatMap { passphrase in
                self.origin(OptionValues(passphrase.value, declared: ConfigurationDeclaration.passphrase))
            }
            // An empty window is reported by ReferenceCheck.
            let window = KeyWindow(
                notBefore: values.string("notBefore").flatMap(NumericDate.init(rfc3339:)),
                notAfter: values.string("notAfter").flatMap(NumericDate.init(rfc3339:)))
            return Configuration.KeyEntry(
                name: member.name, origin: origin,
                encoding: values.string("encoding").flatMap(SecretEncoding.init), keyID: values.string("kid"),
                passphrase: passphrase, allowsShortSecret: values.boolean("allowShortSecret"), window: window ?? .always
            )
        }
    }

    private func origin(_ values: OptionValues) -> Configuration.KeyOrigin? {
        if let path = values.string("file") { return .file(source.resolve(path)) }
        if let name = values.string("env") { return .environment(name) }
        if let name = values.string("credential") { return .credential(name) }
        if let command = values.strings("exec"), let program = command.first {
            // A program without a slash is searched for in $PATH. One with a slash is a path of the configuration.
            let isPath = program.utf8.contains(UInt8(ascii: "/"))
            return .command([isPath ? source.resolve(program) : program] + command.dropFirst())
        }
        return nil
    }

    // MARK: Connections

    private mutating func readConnections(sparing misshapen: [[String]]) -> [Configuration.ConnectionEntry] {
        let members = source.root.member("connections")?.value.members ?? []
        return members.compactMap { member in
            let vendor = member.value.member("vendor")?.value.string
            guard let plugin = plugins.first(where: { $0.vendor.name == vendor }) else { return nil }
            let faulty = misshapen.filter { $0.starts(with: ["connections", member.name]) }
            return readConnection(member, of: plugin, misshapen: faulty.map { $0.dropFirst(2).first })
        }
    }

    /// Makes the settings of a connection. After a fault it goes on without the faulty member, to find more faults.
    ///
    /// - Parameter misshapen: The members that were reported before; nil for the object as a whole.
    private mutating func readConnection(
        _ member: JSONNode.Member, of plugin: any VendorPlugin.Type, misshapen: [String?]
    ) -> Configuration.ConnectionEntry? {
        var isSound = misshapen.isEmpty
        var leftOut = Set(misshapen.compactMap { $0 })
        while true {
            let rest = member.value.removing(leftOut)
            do throws(SignetError) {
                let entry = try Self.entry(member.name, rest, of: plugin)
                return isSound ? entry : nil
            } catch {
                let faulty = error.optionPath.first.flatMap { rest.member($0) == nil ? nil : $0 }
                // A member is not missing if it was left out here.
                if isSound || faulty != nil {
                    let path = ["connections", member.name] + error.optionPath
                    diagnostics.append(source.diagnostic(path, error.reason, hint: error.hint))
                }
                isSound = false
                guard let faulty else { return nil }
                leftOut.insert(faulty)
            }
        }
    }

    private static func entry<Plugin: VendorPlugin>(
        _ name: String, _ object: JSONNode, of plugin: Plugin.Type
    ) throws(SignetError) -> Configuration.ConnectionEntry {
        let values = OptionValues(object, declared: ConfigurationDeclaration.members(of: plugin.vendor))
        let settings = try plugin.settings(from: values)
        return Configuration.ConnectionEntry(
            name: name, vendor: plugin.vendor.name,
            keys: values.strings("keys") ?? values.string("key").map { [$0] } ?? [],
            connect: { keys throws(SignetError) in try Plugin.connect(name, settings: settings, keys: keys) })
    }

    // MARK: Routes

    private mutating func readRoutes(sparing misshapen: [[String]]) -> [Route] {
        entries("routes", sparing: misshapen).map { member in
            Route(member.name, rule(of: member.value, named: member.name))
        }
    }

    private mutating func rule(of node: JSONNode, named name: String) -> Route.Rule {
        if let connection = node.member("connection")?.value.string { return .connection(connection) }
        if let migration = node.member("migrate")?.value {
            var reader = MigrationReader(source: source, route: name, node: migration, pinScope: pinScope)
            defer {
                diagnostics += reader.faults
                pinFiles += reader.files
            }
            return .migration(reader.read())
        }
        let cases = (node.member("cases")?.value.elements ?? []).map { element in
            Route.Case(
                when: Condition(element.member("when")?.value.value ?? [:]),
                connection: element.member("connection")?.value.string ?? "")
        }
        let otherwise = node.member("otherwise")?.value.member("connection")?.value.string
        return .cases(cases, otherwise: otherwise ?? "")
    }
}
