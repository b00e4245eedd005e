import SignetIdentity
import SignetJOSE

/// All routes, and the choice of a connection among names: pure, and the same wherever it is made.
public struct RouteTable: Sendable {
    /// The routes in their order.
    public let routes: [Route]
    private let byName: [String: Route]

    /// Routes whose names are known to differ.
    init(checked routes: [Route]) {
        self.routes = routes
        byName = Dictionary(routes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Makes a table.
    ///
    /// - Throws: ``RoutingError`` for a name that is none or stands twice.
    public init(_ routes: [Route]) throws(RoutingError) {
        var names = Set<String>()
        for route in routes {
            guard StringForm.name.accepts(route.name) else {
                throw RoutingError(.invalid, "a route's name is \(StringForm.name.hint)")
            }
            guard names.insert(route.name).inserted else {
                throw RoutingError(.invalid, "there are two routes \"\(route.name)\"")
            }
        }
        self.init(checked: routes)
    }

    /// The route of a name.
    public func route(_ name: String) throws(RoutingError) -> Route {
        guard let route = byName[name] else {
            throw RoutingError(
                .unknownRoute, "no route \(UnknownName.quoted(name))",
                hint: NearestName.hint(for: name, among: routes.map(\.name)))
        }
        return route
    }

    /// The route whose name is these bytes, or nil.
    package func route(exactly name: String) -> Route? {
        byName[name].flatMap { $0.name.hasSameBytes(as: name) ? $0 : nil }
    }

    /// The move that a route is in, if it is in one.
    package func migration(of name: String) -> Migration? {
        byName[name]?.migration
    }

    /// Picks a connection for a request of which nothing but the context counts.
    public func choose(_ name: String, context: [String: String] = [:]) throws(RoutingError) -> RouteChoice {
        try choose(name, for: RouteQuery(context: context))
    }

    /// Picks a connection for a request.
    public func choose(_ name: String, for query: RouteQuery) throws(RoutingError) -> RouteChoice {
        try route(name).choose(for: query)
    }
}

extension Route {
    /// Picks a connection for a request.
    package func choose(for query: RouteQuery) -> RouteChoice {
        switch rule {
        case .connection(let connection):
            return RouteChoice(connection: connection, reason: .fixed)
        case .cases(let cases, let otherwise):
            for (index, element) in cases.enumerated() where element.when.holds(for: query.context) {
                return RouteChoice(connection: element.connection, reason: .matched(case: index, element.when.text))
            }
            return RouteChoice(connection: otherwise, reason: .otherwise)
        case .migration(let migration):
            let decision = migration.decide(query)
            return RouteChoice(connection: migration.connection(of: decision.side), reason: .migration(decision))
        }
    }
}

/// The connection that was picked, and why.
public struct RouteChoice: Sendable, Equatable {
    /// Why a connection was picked.
    public enum Reason: Sendable, Equatable {
        /// The route names one connection.
        case fixed
        /// The case of this index, counted from 0, whose condition reads like this.
        case matched(case: Int, String)
        /// No case matched.
        case otherwise
        /// A move puts the request on one of its sides.
        case migration(Migration.Decision)

        /// A stable word for it.
        public var code: String {
            switch self {
            case .fixed: "connection"
            case .matched: "case"
            case .otherwise: "otherwise"
            case .migration(let decision): decision.reason.rawValue
            }
        }

        /// The reason as a sentence.
        public var text: String {
            switch self {
            case .fixed: "the route names this connection"
            case .matched(let index, let condition): "case \(index + 1) matches: \(condition)"
            case .otherwise: "no case matches the context, so \"otherwise\" holds"
            case .migration(let decision): decision.text
            }
        }
    }

    /// The connection's name.
    public let connection: String
    /// Why it was picked.
    public let reason: Reason

    /// The side of a move that was picked, if the route is in one.
    public var decision: Migration.Decision? {
        if case .migration(let decision) = reason { decision } else { nil }
    }
}

/// Why a request could not be routed.
public struct RoutingError: CodedError, Equatable {
    /// The kinds of fault.
    public enum Kind: String, Sendable, CaseIterable {
        /// No route of that name.
        case unknownRoute = "route-unknown"
        /// No connection of that name.
        case unknownConnection = "connection-unknown"
        /// Routes or connections that make no table.
        case invalid = "routing-invalid"
    }

    /// The kind of fault.
    public let kind: Kind
    /// What is wrong.
    public let reason: String
    /// What to do about it.
    public let hint: String?

    package init(_ kind: Kind, _ reason: String, hint: String? = nil) {
        self.kind = kind
        self.reason = reason
        self.hint = hint
    }

    /// `route-unknown` and its like.
    public var code: String { kind.rawValue }
}
