import SignetIdentity
import SignetJOSE
import SignetSystem

/// All routes, and the choice of a connection for a request. The choice is pure.
public struct RouteTable: Sendable {
    /// The routes in their order.
    public let routes: [Route]
    private let byName: [String: Route]

    /// - Parameter routes: Routes that have different names.
    package init(checked routes: [Route]) {
        self.routes = routes
        byName = Dictionary(routes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Makes a table.
    ///
    /// - Throws: ``SignetError`` for an invalid name or two routes of one name.
    public init(_ routes: [Route]) throws(SignetError) {
        var names = Set<String>()
        for route in routes {
            guard StringForm.name.accepts(route.name) else {
                throw SignetError(RoutingFault.invalid, "a route's name is \(StringForm.name.hint)")
            }
            guard names.insert(route.name).inserted else {
                throw SignetError(RoutingFault.invalid, "there are two routes \"\(route.name)\"")
            }
        }
        self.init(checked: routes)
    }

    /// The route of a name.
    public func route(_ name: String) throws(SignetError) -> Route {
        guard let route = byName[name] else {
            throw SignetError(
                RoutingFault.unknownRoute, "no route \(UnknownName.quoted(name))",
                hint: NearestName.hint(for: name, among: routes.map(\.name)))
        }
        return route
    }

    /// The route whose name is these bytes, or nil.
    package func route(exactly name: String) -> Route? {
        byName[name].flatMap { $0.name.hasSameBytes(as: name) ? $0 : nil }
    }

    /// A route's migration, if it has one.
    package func migration(of name: String) -> Migration? {
        byName[name]?.migration
    }

    /// Picks a connection for a request by its context.
    public func choose(_ name: String, context: [String: String] = [:]) throws(SignetError) -> RouteChoice {
        try choose(name, for: RouteQuery(context: context))
    }

    /// Picks a connection for a request.
    public func choose(_ name: String, for query: RouteQuery) throws(SignetError) -> RouteChoice {
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

/// What a route reads in a request.
public struct RouteQuery: Sendable {
    /// The customer or anonymous visitor.
    public var identity: Identity
    /// The context that `when` reads.
    public var context: [String: String]
    /// A visitor's stable id.
    public var visitorID: String?
    /// The connection of an ongoing conversation, as the page says.
    public var ongoing: String?

    /// Makes a query.
    public init(
        _ identity: Identity = .anonymous, context: [String: String] = [:], visitorID: String? = nil,
        ongoing: String? = nil
    ) {
        self.identity = identity
        self.context = context
        self.visitorID = visitorID
        self.ongoing = ongoing
    }

    /// The query of a backend's request.
    public init(_ request: SigningRequest) {
        self.init(
            request.identity, context: request.context, visitorID: request.visitorID, ongoing: request.page?.ongoing)
    }
}

/// The connection that was picked, and why.
public struct RouteChoice: Sendable, Equatable {
    /// Why a connection was picked.
    public enum Reason: Sendable, Equatable {
        /// The route names one connection.
        case fixed
        /// The case of this index, from 0, with its condition in words.
        case matched(case: Int, String)
        /// No case matched.
        case otherwise
        /// A migration puts the request on one of its sides.
        case migration(Migration.Decision)

        /// A stable word for the reason.
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
            case .otherwise: "no case matches the context, so \"otherwise\" applies"
            case .migration(let decision): decision.text
            }
        }
    }

    /// The connection's name.
    public let connection: String
    /// Why it was picked.
    public let reason: Reason

    /// The decision of the route's migration, if it has one.
    public var decision: Migration.Decision? {
        if case .migration(let decision) = reason { decision } else { nil }
    }
}

/// Why a request could not be routed; the raw value is the error's code.
public enum RoutingFault: String, Sendable, CaseIterable {
    /// No route of that name.
    case unknownRoute = "route-unknown"
    /// No connection of that name.
    case unknownConnection = "connection-unknown"
    /// Routes or connections that contradict each other.
    case invalid = "routing-invalid"
}

/// An unknown name in messages.
package enum UnknownName {
    /// The name in quotes. A text that cannot be a name is not repeated: it may be a token in the wrong place.
    package static func quoted(_ name: String) -> String {
        StringForm.name.accepts(name) ? JSONWriter.text(of: .string(name)) : "of that name"
    }
}
