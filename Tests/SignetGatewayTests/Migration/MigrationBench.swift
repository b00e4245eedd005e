import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetKit
import SignetSystem
import SignetTestSupport
import Testing

/// A gateway with a route in the middle of a move, and connections that are broken in every way there is.
struct MigrationBench {
    let bench: GatewayBench

    /// Asks for the route that moves.
    static let route = "uk-move"

    init(
        _ migration: Migration, answers: [ScriptedVendor.Answer] = ScriptedVendor.asPega, silent: String? = nil,
        call: Int64 = 200_000, perConnection: Int = 64, disk: Gate? = nil,
        connections: [VendorConnection] = []
    ) throws {
        bench = try GatewayBench(
            answers: answers, routes: [Route(Self.route, .migration(migration))],
            connections: try Self.connections() + connections,
            silent: silent, call: call, perConnection: perConnection, disk: disk)
    }

    static func migration(
        from: String = "dg-eu", to: String = "talkative-uk", _ stage: Migration.Stage, _ percent: String = "100",
        fallbackAfter: Int64 = 60_000
    ) throws -> Migration {
        Migration(
            from: from, to: to, stage: stage, percent: try #require(Percentage(percent)), salt: route,
            fallbackAfter: fallbackAfter)
    }

    /// DG with a mapping that nobody's identity meets, and one that signs what nobody takes.
    static func connections() throws -> [VendorConnection] {
        let secret = SecretBytes(copying: Array("another hmac secret of more than 32 bytes".utf8))
        let key = NamedKey(name: "other", key: .hs256(try HS256Key(secret: secret, keyID: "other")))
        return [
            try DGPlugin.connect(
                "dg-unmapped", settings: DGSettings(externalID: .from(.attribute("nobodyHasThis"))),
                keys: ConnectionKeys(key)),
            try GatewayBench.pega("pega-eu", region: .euw1, sessions: .create),
            try ClosureSigner(checking: { _, _, report in report.note("content", .fail, "it is not right") })
                .connection("refused", values: [.from(.subject)]),
            try ClosureSigner(preparing: { _, _ throws(SignetError) in
                throw SignetError(SigningFault.failed, "it cannot prepare")
            }).connection("failing", values: [.from(.subject)]),
        ]
    }

    func badge(_ body: String = #"{"subject":"1","email":"a@example.com"}"#) async -> GatewayResponse {
        await bench.badge(Self.route, body)
    }

    /// The value of a sample, as soon as it is there.
    func sample(_ name: String, _ labels: String, until value: String? = nil) async throws -> String {
        let start = "\(name){\(labels)} "
        let end = ContinuousClock.now + .seconds(60)
        repeat {
            let line = bench.metrics.text().split(separator: "\n").first { $0.hasPrefix(start) }
            if let line, value == nil || line.hasSuffix(" \(value ?? "")") {
                return String(line.dropFirst(start.count))
            }
            // Rehearsals are made aside.
            try await Task.sleep(nanoseconds: 2_000_000)
        } while ContinuousClock.now < end
        Issue.record("no sample \(start)")
        return ""
    }

    var samples: [String] {
        bench.metrics.text().split(separator: "\n").map(String.init).filter { $0.hasPrefix("signet_migration_") }
    }
}
