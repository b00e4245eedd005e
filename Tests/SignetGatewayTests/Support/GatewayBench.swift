import SignetGateway
import SignetJOSE
import SignetKit
import SignetSystem

/// A gateway in memory with a connection at each vendor, and everything around it in view.
struct GatewayBench {
    let gateway: Gateway
    let audit: RecordingAudit
    let log = RecordingLog()
    let vendor: ScriptedVendor
    let metrics = GatewayMetrics(version: "test")

    static let secret = SecretBytes(copying: Array("an hmac secret of more than 32 bytes".utf8))
    /// The tokens of the callers, by their names.
    static let tokens = ["storefront": "signet_storefront", "delivering": "signet_delivering", "slow": "signet_slow"]

    /// - Parameter routes: More routes, and the connections that those need.
    init(
        answers: [ScriptedVendor.Answer] = ScriptedVendor.asPega, hasTransport: Bool = true, routes: [Route] = [],
        connections: [VendorConnection] = [], silent: String? = nil, call: Int64 = 200_000, perConnection: Int = 64,
        disk: Gate? = nil
    ) throws {
        audit = RecordingAudit(disk: disk)
        vendor = ScriptedVendor(answers, silent: silent)
        gateway = Gateway(
            try Self.state(routes: routes, connections: connections, call: call, perConnection: perConnection),
            services: Gateway.Services(
                audit: audit, transport: hasTransport ? vendor : nil, log: log, metrics: metrics))
    }

    static func state(
        routes more: [Route] = [], connections others: [VendorConnection] = [], call: Int64 = 200_000,
        perConnection: Int = 64
    ) throws -> GatewayState {
        let talkativeKey = NamedKey(name: "talkative-key", key: .es256(try ES256PrivateKey.generate()))
        let connections =
            try [
                TalkativePlugin.connect(
                    "talkative-uk",
                    settings: TalkativeSettings(
                        fields: [.init("Customer ID", .from(.subject)), .init("Email", .from(.email))],
                        widgetID: "11111111-2222-4333-8444-555555555555", region: .eu),
                    keys: ConnectionKeys(talkativeKey)),
                DGPlugin.connect(
                    "dg-eu", settings: DGSettings(widgetID: "22df40c4", environment: .eu),
                    keys: ConnectionKeys(NamedKey(name: "dg-key", key: .hs256(try key(id: "dg_live_1"))))),
                pega("pega-us", sessions: .create), pega("pega-report", sessions: .report),
            ] + others
        let routes = try RouteTable(
            more + [
                Route("uk-store", .connection("talkative-uk")), Route("eu-store", .connection("dg-eu")),
                Route("us-store", .connection("pega-us")), Route("us-report", .connection("pega-report")),
                Route(
                    "support",
                    .cases(
                        [.init(when: Condition([("brand", ["acme"])]), connection: "talkative-uk")], otherwise: "dg-eu")
                ),
                Route("internal", .connection("dg-eu")),
            ])
        let routesOfAll = ["uk-*", "eu-*", "us-*", "support", "none"]
        return GatewayState(
            router: try Router(connections: connections, routes: routes),
            callers: [
                Caller(name: "storefront", tokenDigests: digests("storefront"), routes: routesOfAll),
                Caller(
                    name: "delivering", tokenDigests: digests("delivering"), routes: routesOfAll,
                    rights: [.badge, .sign]),
                Caller(
                    name: "slow", tokenDigests: digests("slow"), routes: ["eu-store"],
                    rate: RateLimit(perSecond: 1, burst: 2)),
            ],
            digestKey: try HS256Key(secret: SecretBytes(copying: Array("the digest key, of more than 32 bytes".utf8))),
            publicKeys: [talkativeKey],
            // More than a machine loses that tests everything at once.
            delivery: DeliverySettings(connect: call, call: call, total: 250_000, perConnection: perConnection))
    }

    private static func digests(_ caller: String) -> [[UInt8]] {
        [SHA256.digest(Array((tokens[caller] ?? "").utf8))]
    }

    private static func key(id: String? = nil) throws -> HS256Key {
        try HS256Key(secret: secret, keyID: id)
    }

    static func pega(
        _ name: String, region: PegaSettings.Region = .use1, sessions: PegaSettings.Sessions
    ) throws -> VendorConnection {
        try PegaPlugin.connect(
            name,
            settings: PegaSettings(
                location: .region(region), widgetID: "4d88d63c", sessions: sessions,
                privateData: [
                    ("customerId", .from(.subject)), ("package", .from(.attribute("package"), required: false)),
                ]),
            keys: ConnectionKeys(NamedKey(name: "pega-key", key: .hs256(try key()))))
    }

    // MARK: Asking

    /// Asks for a badge, or for what `target` says.
    func post(
        _ target: String, _ body: String, as caller: String = "storefront",
        headers: [(name: String, value: String)] = []
    ) async -> GatewayResponse {
        await gateway.respond(to: request("POST", target, body, as: caller, headers: headers))
    }

    func request(
        _ method: String, _ target: String, _ body: String = "", as caller: String? = "storefront",
        headers: [(name: String, value: String)] = []
    ) -> GatewayRequest {
        var all = headers
        if let caller { all.append(("Authorization", "Bearer \(Self.tokens[caller] ?? caller)")) }
        if !all.contains(where: { $0.name.lowercased() == "content-type" }) && method == "POST" {
            all.append(("Content-Type", "application/json"))
        }
        return GatewayRequest(method: method, target: target, headers: all, body: Array(body.utf8))
    }

    func badge(_ route: String, _ body: String, as caller: String = "storefront") async -> GatewayResponse {
        await post("/v1/routes/\(route)/badge", body, as: caller)
    }

    func sign(_ route: String, _ body: String, as caller: String = "delivering") async -> GatewayResponse {
        await post("/v1/routes/\(route)/sign", body, as: caller)
    }
}

extension GatewayResponse {
    /// The body, which has to be strict JSON.
    var json: JSONValue {
        get throws { try JSONReader.value(body) }
    }

    /// `status code`, as the tables have it.
    var outcome: String {
        get throws { "\(status)" + (try json["code"]?.string.map { " \($0)" } ?? "") }
    }
}
