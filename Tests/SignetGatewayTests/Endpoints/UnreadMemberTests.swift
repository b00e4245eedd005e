import SignetGateway
import SignetJOSE
import SignetKit
import SignetRouting
import Testing

/// Attributes and members of the context that nothing reads are named in the log and counted.
@Suite struct UnreadMemberTests {
    private static let moving = Route(
        "uk-moving",
        .migration(
            Migration(
                from: "dg-eu", to: "pega-us", stage: .off, salt: "s", stickiness: .attribute("household"),
                cohorts: [.init(name: "staff", when: Condition([("segment", ["staff"])]), percent: .none)])))

    private static let requests: [(route: String, body: String, unread: [String], count: Int)] = [
        ("us-store", #"{"subject":"1","attributes":{"package":"gold"}}"#, [], 0),
        ("us-store", #"{"subject":"1","attributes":{"Package":"gold"}}"#, ["attributes.Package"], 1),
        // Another connection's mapping is not this one's.
        ("eu-store", #"{"subject":"1","attributes":{"package":"gold"}}"#, ["attributes.package"], 1),
        ("eu-store", #"{"subject":"1","context":{"brand":"acme"}}"#, ["context.brand"], 1),
        ("eu-store", #"{"anonymous":true,"context":{"brand":"acme"}}"#, ["context.brand"], 1),
        ("support", #"{"subject":"1","email":"e","context":{"brand":"acme"}}"#, [], 0),
        ("support", #"{"subject":"1","context":{"brnd":"acme"}}"#, ["context.brnd"], 1),
        (
            "uk-moving",
            #"{"subject":"1","attributes":{"package":"p","household":"h"},"context":{"segment":"staff"}}"#, [], 0
        ),
        (
            "uk-moving", #"{"subject":"1","attributes":{"segment":"p"},"context":{"household":"h"}}"#,
            ["attributes.segment", "context.household"], 2
        ),
        (
            "eu-store", #"{"subject":"1","attributes":{"a":"","b":"1","c":"1","d":"1","e":"1","f":"1","g":"1"}}"#,
            ["attributes.b", "attributes.c", "attributes.d", "attributes.e", "attributes.f"], 6
        ),
        // What has not the form of a name may be anything, and is not repeated.
        ("eu-store", #"{"subject":"1","context":{"zoe@shop.example":"x","é":"y","brand":"z"}}"#, ["context.brand"], 3),
        ("eu-store", #"{"subject":"1","context":{"zoe@shop.example":"x"}}"#, [], 1),
    ]

    @Test(arguments: requests)
    func theLogNamesWhatNothingReads(route: String, body: String, unread: [String], count: Int) async throws {
        let bench = try GatewayBench(routes: [Self.moving])
        #expect(await bench.badge(route, body).status == 200)
        let json = JSONValue.object(try #require(bench.log.lines.first { $0.event == "request" }).members)
        #expect(json["unread"]?.array?.compactMap(\.string) == (count == 0 ? nil : unread))
        #expect(json["unreadCount"]?.integer == (count == 0 ? nil : Int64(count)))
        #expect(!bench.log.text.contains("zoe"))
        let series = try StrictMetrics(bench.metrics.text()).series
        #expect(
            series[#"signet_unread_members_total{caller="storefront"}"#] == (count == 0 ? nil : "\(count)"))
    }

    @Test func aRefusedRequestNamesThemToo() async throws {
        let bench = try GatewayBench()
        // The e-mail that Talkative's field reads is missing.
        #expect(await bench.badge("uk-store", #"{"subject":"1","attributes":{"email":"e"}}"#).status == 422)
        let json = JSONValue.object(try #require(bench.log.lines.first).members)
        #expect(json["unread"] == ["attributes.email"])
    }

    @Test func eachCallerIsCounted() async throws {
        let bench = try GatewayBench()
        let body = #"{"subject":"1","attributes":{"Tier":"1","tier":"2"}}"#
        for _ in 0..<2 { _ = await bench.badge("eu-store", body) }
        _ = await bench.sign("eu-store", body)
        let series = try StrictMetrics(bench.metrics.text()).series
        #expect(series[#"signet_unread_members_total{caller="storefront"}"#] == "4")
        #expect(series[#"signet_unread_members_total{caller="delivering"}"#] == "2")
    }
}
