import SignetGateway
import SignetJOSE
import SignetTestSupport
import Testing

@Suite struct VendorsTests {
    @Test func vendorsListsVendorsAndOptions() throws {
        let all = try Workplace().signet("vendors")
        #expect(all.status == 0)
        #expect(
            all.lines.filter { !$0.hasPrefix(" ") && !$0.isEmpty }.map { $0.prefix { $0 != " " } } == [
                "pega", "talkative", "dg",
            ])
        let one = try Workplace().signet("vendors", "dg", "--output", "json")
        let json = try JSONReader.value(one.output.utf8)
        #expect(json.array?.count == 1)
        #expect(
            json.array?[0].members?.map(\.name) == [
                "name", "title", "summary", "algorithm", "kid", "keyOrigin", "options",
            ])
        #expect(
            json.array?[0]["options"]?.array?.compactMap { $0["name"]?.string } == [
                "widgetId", "env", "externalId", "tokenLifetime",
            ])
        #expect(try Workplace().signet("vendors", "dg").output.contains("tokenLifetime  (default: \"15m\")"))
    }

    @Test func schemaEqualsThePublishedOne() throws {
        let published = try Fixtures.text("../docs/signet.schema.json")
        #expect(try Workplace().signet("vendors", "--schema").output == published)
    }

    @Test func versionEqualsThePackages() throws {
        let outcome = try Workplace().signet("--version")
        #expect(outcome.output == "signet \(Gateway.version)\n")
        #expect(outcome.status == 0)
    }
}
