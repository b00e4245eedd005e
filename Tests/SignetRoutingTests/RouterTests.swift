import SignetDG
import SignetIdentity
import SignetJOSE
import SignetKit
import SignetRouting
import SignetSystem
import Testing

/// Routing without a configuration file: connections and keys made in memory by public API.
@Suite struct RouterTests {
    private static func connection(_ name: String) throws -> VendorConnection {
        let key = NamedKey(name: "\(name)-key", key: .hs256(try HS256Key.generate(keyID: "live-1")))
        return try DGPlugin.connect(name, settings: try DGSettings(), keys: ConnectionKeys(key))
    }

    @Test func routerMadeInMemorySigns() throws {
        let routes = try RouteTable([
            Route("eu", .connection("dg-eu")),
            Route("any", .cases([.init(when: Condition([("land", ["us"])]), connection: "dg-us")], otherwise: "dg-eu")),
        ])
        let router = try Router(
            connections: [try Self.connection("dg-eu"), try Self.connection("dg-us")], routes: routes)
        #expect(router.connections.map(\.name) == ["dg-eu", "dg-us"])
        let (connection, choice) = try router.route("any", context: ["land": "us"])
        #expect(connection.name == "dg-us")
        #expect(choice.connection == "dg-us")
        let signed = try connection.sign(.customer(try Customer(subject: "1")), in: SigningContext(route: "any"))
        #expect(signed.key == "dg-us-key")
        #expect(connection.verify(signed.token.compact, in: VerificationContext()).isValid)
        let other = try router.connection("dg-eu")
        #expect(!other.verify(signed.token.compact, in: VerificationContext()).isValid)
    }

    @Test func twoConnectionsOfOneNameAreRefused() throws {
        let twice = [try Self.connection("dg"), try Self.connection("dg")]
        let error = #expect(throws: SignetError.self) { try Router(connections: twice, routes: try RouteTable([])) }
        #expect(error?.isFault(RoutingFault.invalid) == true)
        #expect(error?.code == "routing-invalid")
        #expect(error?.reason == "there are two connections \"dg\"")
    }

    @Test(arguments: [
        Route.Rule.connection("dg-us"), .cases([.init(when: Condition([]), connection: "dg-us")], otherwise: "dg-eu"),
        .cases([], otherwise: "dg-us"), .migration(Migration(from: "dg-us", to: "dg-eu", stage: .off, salt: "a")),
        .migration(Migration(from: "dg-eu", to: "dg-us", stage: .off, salt: "a")),
    ])
    func routeToNoConnectionIsRefused(rule: Route.Rule) throws {
        let connections = [try Self.connection("dg-eu")]
        let error = #expect(throws: SignetError.self) {
            try Router(connections: connections, routes: try RouteTable([Route("a", rule)]))
        }
        #expect(error?.isFault(RoutingFault.unknownConnection) == true)
        #expect(error?.reason == "route \"a\" leads to \"dg-us\", and there is no such connection")
        #expect(error?.hint == "did you mean \"dg-eu\"?" || error?.hint == "valid: dg-eu")
    }

    @Test(arguments: [("dg-e", "no connection \"dg-e\""), ("eyJhbGciOiJIUzI1NiJ9", "no connection of that name")])
    func unknownConnectionIsReported(name: String, reason: String) throws {
        let router = try Router(connections: [try Self.connection("dg-eu")], routes: try RouteTable([]))
        let error = #expect(throws: SignetError.self) { try router.connection(name) }
        #expect(error?.code == "connection-unknown")
        #expect(error?.reason == reason)
    }
}
