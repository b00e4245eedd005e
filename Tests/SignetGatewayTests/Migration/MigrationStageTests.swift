import SignetGateway
import SignetJOSE
import SignetKit
import Testing

/// What a caller gets at each stage of a move, and what is told of it.
@Suite struct MigrationStageTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let stage: Migration.Stage
        let percent: String
        let body: String
        let connection: String
        let decision: String
        var testDescription: String { "\(stage.rawValue) \(percent) % \(body)" }

        init(_ stage: Migration.Stage, _ percent: String, _ body: String, _ connection: String, _ decision: String) {
            (self.stage, self.percent, self.body, self.connection, self.decision) =
                (stage, percent, body, connection, decision)
        }
    }

    private static let customer = #"{"subject":"1","email":"a@example.com"}"#
    private static let atTheOld = #"{"subject":"1","email":"a@example.com","page":{"ongoing":"dg-eu"}}"#
    private static let atTheNew = #"{"subject":"1","email":"a@example.com","page":{"ongoing":"talkative-uk"}}"#

    @Test(arguments: [
        Row(.off, "100", customer, "dg-eu", "from stage"), Row(.off, "100", atTheNew, "dg-eu", "from stage"),
        Row(.shadow, "100", customer, "dg-eu", "from stage"), Row(.live, "0", customer, "dg-eu", "from percent"),
        Row(.live, "100", customer, "talkative-uk", "to percent"),
        Row(.live, "100", atTheOld, "dg-eu", "from ongoing"), Row(.live, "0", atTheNew, "talkative-uk", "to ongoing"),
        Row(.live, "100", #"{"anonymous":true}"#, "dg-eu", "from anonymous"),
        Row(.live, "100", #"{"anonymous":true,"visitorId":"v"}"#, "talkative-uk", "to percent"),
        Row(.rampdown, "0", customer, "talkative-uk", "to stage"),
        Row(.rampdown, "0", atTheOld, "dg-eu", "from ongoing"),
        Row(.complete, "0", customer, "talkative-uk", "to stage"),
        Row(.complete, "0", atTheOld, "talkative-uk", "to stage"),
    ])
    func theStageDecides(row: Row) async throws {
        let bench = try MigrationBench(try MigrationBench.migration(row.stage, row.percent))
        let response = await bench.badge(row.body)
        #expect(response.status == 200)
        let json = try response.json
        #expect(json["connection"]?.string == row.connection)
        let side = json["decision"]?["side"]?.string ?? ""
        let reason = json["decision"]?["reason"]?.string ?? ""
        #expect("\(side) \(reason)" == row.decision)
        let assigned =
            #"signet_migration_assigned_total{route="uk-move",cohort="",side="\#(side)",reason="\#(reason)"} 1"#
        #expect(bench.samples.filter { $0.hasPrefix("signet_migration_assigned_total") } == [assigned])
        let line = try #require(bench.bench.log.lines.first { $0.event == "request" })
        #expect(JSONValue.object(line.members)["side"]?.string == side)
        #expect(JSONValue.object(line.members)["reason"]?.string == reason)
        if row.body.contains("subject") {
            let entry = try #require(bench.bench.audit.entries.first)
            #expect(entry.decision == AuditEntry.Decision(side: side, reason: reason))
            #expect(bench.bench.audit.entries.count == 1)
        }
    }

    @Test func otherRoutesHaveNoDecision() async throws {
        let bench = try MigrationBench(try MigrationBench.migration(.live))
        let json = try await bench.bench.badge("eu-store", #"{"subject":"1"}"#).json
        #expect(json["decision"] == nil)
    }

    @Test func aSignedIdentityIsForTheSideToo() async throws {
        let bench = try MigrationBench(try MigrationBench.migration(.live))
        let json = try await bench.bench.sign(
            MigrationBench.route, #"{"subject":"1","email":"a@example.com"}"#
        ).json
        #expect(json["connection"] == "talkative-uk")
        #expect(bench.bench.audit.entries.first?.decision == AuditEntry.Decision(side: "to", reason: "percent"))
    }

    @Test func aCohortIsALabel() async throws {
        var migration = try MigrationBench.migration(.live, "0")
        migration.cohorts = [.init(name: "staff", when: Condition([("segment", ["staff"])]), percent: .all)]
        let bench = try MigrationBench(migration)
        let json = try await bench.badge(
            #"{"subject":"1","email":"a@example.com","context":{"segment":"staff"}}"#
        ).json
        #expect(json["decision"] == ["side": "to", "reason": "cohort"])
        #expect(
            bench.samples.contains(
                #"signet_migration_assigned_total{route="uk-move",cohort="staff",side="to",reason="cohort"} 1"#))
        #expect(bench.samples.contains(#"signet_migration_thousandths{route="uk-move",cohort="staff"} 100000"#))
        #expect(bench.samples.contains(#"signet_migration_thousandths{route="uk-move",cohort=""} 0"#))
        #expect(bench.samples.contains(#"signet_migration_stage{route="uk-move",stage="live"} 1"#))
        #expect(bench.samples.contains(#"signet_migration_stage{route="uk-move",stage="shadow"} 0"#))
    }

    // MARK: Changes

    @Test func everyChangeIsLoggedWithOldAndNew() throws {
        let bench = try MigrationBench(try MigrationBench.migration(.shadow, "0"))
        func put(_ routes: [Route]) throws {
            bench.bench.gateway.replace(
                try GatewayBench.state(routes: routes, connections: try MigrationBench.connections()))
        }
        try put([Route(MigrationBench.route, .migration(try MigrationBench.migration(.live, "2.007")))])
        try put([Route(MigrationBench.route, .migration(try MigrationBench.migration(.live, "2.007")))])
        try put([Route(MigrationBench.route, .connection("talkative-uk"))])
        try put([])
        let lines = bench.bench.log.lines.filter { $0.event == "migration" }.map {
            JSONWriter.text(of: .object($0.members))
        }
        let rest = #""stickiness":"subject","salt":"uk-move","anonymous":"from","fallbackAfter":60000"#
        let shadow = #"{"from":"dg-eu","to":"talkative-uk","stage":"shadow","percent":0,\#(rest)}"#
        let live = #"{"from":"dg-eu","to":"talkative-uk","stage":"live","percent":2.007,\#(rest)}"#
        #expect(
            lines == [
                #"{"route":"uk-move","old":\#(shadow),"new":\#(live),"configDigest":""}"#,
                #"{"route":"uk-move","old":\#(live),"new":null,"configDigest":""}"#,
            ])
    }
}
