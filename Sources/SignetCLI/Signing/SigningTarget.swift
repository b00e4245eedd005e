import SignetConfiguration
import SignetIdentity
import SignetRouting
import SignetSystem

/// A route, or a connection by its own name: what `sign` and `verify` are about.
enum SigningTarget: Sendable {
    case route(Route)
    case connection(String)

    /// The route, if it is one.
    var route: Route? {
        if case .route(let route) = self { route } else { nil }
    }

    /// The connection for a request.
    func connection(for query: RouteQuery) -> String {
        switch self {
        case .connection(let name): name
        case .route(let route): route.choose(for: query).connection
        }
    }

    /// Every connection that it can lead to.
    var connections: [String] {
        switch self {
        case .connection(let name): [name]
        case .route(let route): route.connections
        }
    }
}

extension Invocation {
    /// The connection that `--connection` names, or else the route `name`.
    func target(_ name: String?, in configuration: Configuration) throws(CommandFailure) -> SigningTarget {
        if let connection = value("--connection") {
            return .connection(try configuration.connection(named: connection).name)
        }
        guard let name else {
            throw CommandFailure(
                .wrongUse, "ROUTE or --connection NAME is missing",
                hint: NearestName.hint(for: "", among: configuration.routes.routes.map(\.name)))
        }
        return .route(try reporting { try configuration.routes.route(name) })
    }

    /// The pins of the one route that a command is about; a connection that was named has none.
    var pinsOfRoute: PinScope {
        has("--connection") ? .none : operand(0).map(PinScope.inForceOf) ?? .none
    }

    /// The session that `--session` or `--for` names.
    func sessionPurpose() throws(CommandFailure) -> SessionPurpose? {
        try refuse(["--session"], with: "--for")
        if has("--for") {
            _ = try choice("--for", of: ["create"])
            return .create
        }
        guard let text = value("--session") else { return nil }
        return .existing(try reporting { try SessionID(text) })
    }
}

extension CommandFailure {
    /// `--session` or `--for` for a vendor without sessions.
    static let needlessSession = CommandFailure(
        .wrongUse, "this vendor's tokens are not bound to a session, so --session and --for are not accepted",
        hint: "leave them out")

    /// The flags that name the session of a token.
    static let sessionHint = "--session SID names an existing session; --for create is for creating one"

    /// A token of a vendor with sessions, and no session to verify it for.
    static let missingSession = CommandFailure(
        .wrongUse, "this vendor's tokens are bound to a session, and no session is named", hint: sessionHint)
}
