import SignetGateway
import SignetJOSE
import SignetKit
import SignetSystem
import Testing

/// What callers get while no key of a connection signs.
@Suite struct KeyWindowTests {
    private static let year = NumericDate.now.advanced(by: -365 * 86_400)

    /// A gateway whose connections' keys have all had their time.
    private static func gateway() throws -> (Gateway, RecordingAudit) {
        let window = try #require(KeyWindow(notBefore: nil, notAfter: year))
        func keys(_ id: String?) throws -> ConnectionKeys {
            ConnectionKeys(NamedKey(name: "old", key: .hs256(try HS256Key.generate(keyID: id)), window: window))
        }
        let connections = [
            try ScheduledConnection(keys("id")) { keys throws(SignetError) in
                try DGPlugin.connect("dg-eu", settings: try DGSettings(widgetID: "w", environment: .eu), keys: keys)
            },
            try ScheduledConnection(keys(nil)) { keys throws(SignetError) in
                try PegaPlugin.connect(
                    "pega-us", settings: try PegaSettings(location: .region(.use1), widgetID: "w"), keys: keys)
            },
        ]
        let routes = try RouteTable([Route("dg", .connection("dg-eu")), Route("pega", .connection("pega-us"))])
        let caller = Caller(
            name: "shop", tokenDigests: [SHA256.digest(Array("token".utf8))], routes: ["*"], rights: [.badge, .sign])
        let audit = RecordingAudit()
        let state = GatewayState(
            router: try Router(scheduled: connections, routes: routes), callers: [caller],
            digestKey: try HS256Key.generate())
        let services = Gateway.Services(audit: audit, transport: ScriptedVendor(ScriptedVendor.asPega))
        return (Gateway(state, services: services), audit)
    }

    private static func ask(_ gateway: Gateway, _ target: String, _ body: String) async -> GatewayResponse {
        await gateway.respond(
            to: GatewayRequest(
                method: "POST", target: target,
                headers: [("Authorization", "Bearer token"), ("Content-Type", "application/json")],
                body: Array(body.utf8)))
    }

    @Test(arguments: [
        ("/v1/routes/dg/badge", #"{"subject":"1"}"#, "500 no-signing-key"),
        ("/v1/routes/dg/sign", #"{"subject":"1"}"#, "500 no-signing-key"),
        ("/v1/routes/pega/badge", #"{"subject":"1"}"#, "500 no-signing-key"),
        ("/v1/routes/pega/sign", #"{"subject":"1"}"#, "500 no-signing-key"),
        // A session has to be made for an anonymous visitor too.
        ("/v1/routes/pega/badge", #"{"anonymous":true}"#, "500 no-signing-key"),
        // Nothing has to be signed for these.
        ("/v1/routes/dg/badge", #"{"anonymous":true}"#, "200"),
        ("/v1/routes/pega/badge", #"{"subject":"1","page":{"defer":true}}"#, "200"),
        // What is wrong with the request is told first.
        ("/v1/routes/dg/sign", #"{"anonymous":true}"#, "422 nothing-to-sign"),
    ])
    func withoutAKeyNothingIsSigned(target: String, body: String, outcome: String) async throws {
        let (gateway, audit) = try Self.gateway()
        let response = await Self.ask(gateway, target, body)
        #expect(try response.outcome == outcome)
        #expect(audit.entries.isEmpty)
        if response.status == 500 {
            let detail = try response.json["detail"]?.string
            #expect(detail?.hasPrefix("no key of connection ") == true)
            #expect(detail?.contains("run signet check") == true)
        }
    }
}
