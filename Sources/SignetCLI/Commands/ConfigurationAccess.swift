import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

extension Invocation {
    /// The configuration that was named, or the one that is there.
    ///
    /// - Parameter pins: Which files of pinned subjects the command decides by.
    func configuration(_ pins: PinScope = .none) throws(CommandFailure) -> Configuration {
        try failing({ CommandFailure($0) }) { () throws(ConfigurationError) in try readConfiguration(pins) }
    }

    /// The pins of the one route that a command is about; a connection that was named has none.
    var pinsOfRoute: PinScope {
        has("--connection") ? .none : operand(0).map(PinScope.inForceOf) ?? .none
    }

    /// The same, with its faults as they were found.
    func readConfiguration(_ pins: PinScope) throws(ConfigurationError) -> Configuration {
        try Configuration.read(configurationPath, plugins: plugins, pins: pins)
    }

    /// The configuration's file: the one that was named, or the usual one.
    var configurationPath: String {
        if let path = value("--config") { return path }
        if let variable = getenv("SIGNET_CONFIG"), variable.pointee != 0 { return String(cString: variable) }
        let usual = ["./signet.json", "./signet.jsonc"]
        return usual.first(where: FileWriting.exists).map { String($0.dropFirst(2)) } ?? "signet.json"
    }

    /// What names the same configuration in another command line: nothing where it is the usual one of this folder.
    var configurationWords: String {
        let isNamed = value("--config") != nil || getenv("SIGNET_CONFIG").map { $0.pointee != 0 } ?? false
        return isNamed ? " -c \(ShellWord.quoted(configurationPath))" : ""
    }

    /// What a token that is bound to a session is for.
    func sessionPurpose() throws(CommandFailure) -> SessionPurpose? {
        try refuse(["--session"], with: "--for")
        if has("--for") {
            _ = try choice("--for", of: ["create"])
            return .create
        }
        guard let text = value("--session") else { return nil }
        return .existing(
            try failing({ CommandFailure(.wrongUse, $0) }) { () throws(SignetError) in try SessionID(text) })
    }

    /// Routes that lead somewhere, or the one connection that was named.
    func target(_ name: String?, in configuration: Configuration) throws(CommandFailure) -> Target {
        if let connection = value("--connection") {
            let names = configuration.connections.map(\.name)
            guard names.contains(connection) else {
                throw CommandFailure(
                    .wrongUse, "no connection \(UnknownName.quoted(connection))",
                    hint: NearestName.hint(for: connection, among: names))
            }
            return .connection(connection)
        }
        guard let name else {
            throw CommandFailure(
                .wrongUse, "neither a route nor --connection NAME is there",
                hint: NearestName.hint(for: "", among: configuration.routes.routes.map(\.name)))
        }
        return .route(name)
    }

    /// A route, or a connection by its own name.
    enum Target: Sendable {
        case route(String)
        case connection(String)

        /// The route's name, if it is one.
        var route: String? {
            if case .route(let name) = self { name } else { nil }
        }

        /// The connection for a request.
        func connection(in routes: RouteTable, for query: RouteQuery) throws(SignetError) -> String {
            switch self {
            case .connection(let name): name
            case .route(let name): try routes.choose(name, for: query).connection
            }
        }

        /// Every connection that it can lead to.
        func connections(in routes: RouteTable) throws(SignetError) -> [String] {
            switch self {
            case .connection(let name): [name]
            case .route(let name): try routes.route(name).connections
            }
        }
    }
}
