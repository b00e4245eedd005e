import SignetIdentity

/// Connections that are ready to sign, and the routes that lead to them. Can be made of a configuration or in memory.
public struct Router: Sendable {
    /// The routes.
    public let routes: RouteTable
    /// The connections, in the order in which they were given.
    public let connections: [VendorConnection]
    private let byName: [String: VendorConnection]

    /// Makes a router.
    ///
    /// - Throws: ``RoutingError`` where two connections have one name, or a route leads to a connection that is not there.
    public init(connections: [VendorConnection], routes: RouteTable) throws(RoutingError) {
        var byName: [String: VendorConnection] = [:]
        for connection in connections {
            guard byName.updateValue(connection, forKey: connection.name) == nil else {
                throw RoutingError(.invalid, "there are two connections \"\(connection.name)\"")
            }
        }
        for route in routes.routes {
            if let missing = route.connections.first(where: { byName[$0] == nil }) {
                throw RoutingError(
                    .unknownConnection,
                    "route \"\(route.name)\" leads to \"\(missing)\", and there is no such connection",
                    hint: NearestName.hint(for: missing, among: connections.map(\.name)))
            }
        }
        self.routes = routes
        self.connections = connections
        self.byName = byName
    }

    /// The connection of a name.
    public func connection(_ name: String) throws(RoutingError) -> VendorConnection {
        guard let connection = byName[name] else {
            throw RoutingError(
                .unknownConnection, "no connection \(UnknownName.quoted(name))",
                hint: NearestName.hint(for: name, among: connections.map(\.name)))
        }
        return connection
    }

    /// The connection that a route leads to, and why.
    public func route(
        _ name: String, context: [String: String] = [:]
    ) throws(RoutingError) -> (connection: VendorConnection, choice: RouteChoice) {
        try route(name, for: RouteQuery(context: context))
    }

    /// The connection that a route leads to for a request, and why.
    public func route(
        _ name: String, for query: RouteQuery
    ) throws(RoutingError) -> (connection: VendorConnection, choice: RouteChoice) {
        let choice = try routes.choose(name, for: query)
        return (try connection(choice.connection), choice)
    }
}
