import Foundation
import SignetTestSupport
import Testing

/// `signet explain` on routes without a migration.
@Suite struct ExplainTests {
    @Test(arguments: [
        (["talkative"], "talkative: talkative-uk (talkative): the route names this connection\n"),
        (["support"], "support: talkative-uk (talkative): no case matches the context, so \"otherwise\" applies\n"),
        (
            ["support", "--context", "brand=acme", "--subject", "MARKER"],
            "support: dg-eu (dg): case 1 matches: brand is \"acme\"\n"
        ),
        (
            ["support", "--context", "brand=acme", "--output", "json"],
            #"{"route":"support","connection":"dg-eu","vendor":"dg","key":"dg","reason":"case","#
                + #""detail":"case 1 matches: brand is \"acme\""}"# + "\n"
        ),
    ])
    func explainShowsTheConnectionAndTheReasonWithoutLoadingKeys(arguments: [String], output: String) throws {
        let directory = try ScratchDirectory()
        try directory.write(Workplace.configuration, to: "signet.json")
        let outcome = try Signet.run(["explain"] + arguments, in: directory)
        #expect(outcome.status == 0)
        #expect(outcome.output == output)
        #expect(outcome.errors == "")
    }

    /// Names are compared while there are few of them.
    @Test(arguments: [(63, "signet: hint: did you mean \"dg\"?"), (64, nil)])
    func unknownRouteHasAHintAmongFewRoutes(more: Int, hint: String?) throws {
        let others = (0..<more).map { ", \"shop-\($0)\": { \"connection\": \"dg-eu\" }" }.joined()
        let routes = "\"routes\": { \"dg\": { \"connection\": \"dg-eu\" }\(others) } }"
        let start = try #require(Workplace.configuration.range(of: "\"routes\""))
        let workplace = try Workplace(Workplace.configuration[..<start.lowerBound] + routes)
        let outcome = try workplace.signet("explain", "dgg")
        #expect(outcome.status == 2)
        #expect(outcome.notes == ["signet: error: no route \"dgg\""] + [hint].compactMap(\.self))
    }
}
