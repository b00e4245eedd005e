import SignetIdentity
import SignetSystem

/// Connections that are ready to sign, and the routes that lead to them. Made from a configuration or in memory.
public struct Router: Sendable {
    /// The routes.
    public let routes: RouteTable
    /// The connections with their key schedules, in the given order.
    public let scheduled: [ScheduledConnection]
    private let byName: [String: ScheduledConnection]
    /// By the route's name.
    private let readMembers: [String: ReadMembers]

    /// The connections at the moment of the call, in the given order.
    public var connections: [VendorConnection] {
        let time = NumericDate.now
        return scheduled.map { $0.connection(at: time) }
    }

    /// Makes a router of connections that never change.
    ///
    /// - Throws: ``SignetError`` if two connections have one name, or a route leads to a connection that does not exist.
    public init(connections: [VendorConnection], routes: RouteTable) throws(SignetError) {
        try self.init(scheduled: connections.map(ScheduledConnection.init), routes: routes)
    }

    /// Makes a router of connections whose signing keys change with time.
    ///
    /// - Throws: ``SignetError`` if two connections have one name, or a route leads to a connection that does not exist.
    public init(scheduled connections: [ScheduledConnection], routes: RouteTable) throws(SignetError) {
        var byName: [String: ScheduledConnection] = [:]
        for connection in connections {
            guard byName.updateValue(connection, forKey: connection.name) == nil else {
                throw SignetError(RoutingFault.invalid, "there are two connections \"\(connection.name)\"")
            }
        }
        for route in routes.routes {
            if let missing = route.connections.first(where: { byName[$0] == nil }) {
                throw SignetError(
                    RoutingFault.unknownConnection,
                    "route \"\(route.name)\" leads to \"\(missing)\", and there is no such connection",
                    hint: NearestName.hint(for: missing, among: connections.map(\.name)))
            }
        }
        readMembers = Dictionary(
            routes.routes.map { route in
                // A connection reads the same with each of its keys.
                (
                    route.name,
                    ReadMembers(of: route.connections.compactMap { byName[$0]?.connection(at: .now) }, by: route)
                )
            }, uniquingKeysWith: { first, _ in first })
        self.routes = routes
        scheduled = connections
        self.byName = byName
    }

    /// The connection of a name at a moment.
    public func connection(_ name: String, at time: NumericDate = .now) throws(SignetError) -> VendorConnection {
        guard let connection = byName[name] else {
            throw SignetError(
                RoutingFault.unknownConnection, "no connection \(UnknownName.quoted(name))",
                hint: NearestName.hint(for: name, among: scheduled.map(\.name)))
        }
        return connection.connection(at: time)
    }

    /// The members of a request for a route that nothing reads.
    package func unread(in request: SigningRequest, for route: String) -> UnreadMembers {
        readMembers[route]?.unread(in: request) ?? UnreadMembers()
    }

    /// The connection that a route leads to, and why.
    public func route(
        _ name: String, context: [String: String] = [:], at time: NumericDate = .now
    ) throws(SignetError) -> (connection: VendorConnection, choice: RouteChoice) {
        try route(name, for: RouteQuery(context: context), at: time)
    }

    /// The connection that a route leads to for a request at a moment, and why.
    public func route(
        _ name: String, for query: RouteQuery, at time: NumericDate = .now
    ) throws(SignetError) -> (connection: VendorConnection, choice: RouteChoice) {
        let choice = try routes.choose(name, for: query)
        return (try connection(choice.connection, at: time), choice)
    }
}
