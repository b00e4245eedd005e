import SignetTestSupport
import Testing

/// `sign` warns of attributes and members of the context that nothing reads.
@Suite struct UnreadMemberTests {
    private static let cases: [(arguments: [String], input: String, notes: [String])] = [
        (
            ["talkative", "--subject", "1", "--email", "e", "--attribute", "Plan=gold"], "",
            ["signet: warning: nothing reads attributes.Plan", "signet: hint: did you mean \"plan\"?"]
        ),
        (["talkative", "--subject", "1", "--email", "e", "--attribute", "plan=gold"], "", []),
        (
            ["dg", "--subject", "1", "--attribute", "plan=gold"], "",
            ["signet: warning: nothing reads attributes.plan"]
        ),
        (
            ["support", "--subject", "1", "--email", "e", "--context", "brnd=acme"], "",
            ["signet: warning: nothing reads context.brnd", "signet: hint: did you mean \"brand\"?"]
        ),
        // On any way that the route can go.
        (["support", "--subject", "1", "--context", "brand=acme", "--attribute", "plan=gold"], "", []),
        // A connection that is asked for by its name has no "when".
        (
            ["--connection", "dg-eu", "--subject", "1", "--context", "brand=acme"], "",
            ["signet: warning: nothing reads context.brand"]
        ),
        (
            ["talkative", "--identity", "-"],
            #"{"subject":"1","email":"e","attributes":{"x":"1"},"context":{"y y":"1","brand":"2"}}"#,
            [
                "signet: warning: nothing reads attributes.x", "signet: hint: valid: plan",
                "signet: warning: nothing reads a member of context, and its name does not match [A-Za-z][A-Za-z0-9_-]{0,63}",
                "signet: warning: nothing reads context.brand",
            ]
        ),
        (
            ["dg", "--batch", "-"],
            """
            {"subject":"1","attributes":{"plan":"1"}}
            {"subject":"2","attributes":{"plan":"1"},"context":{"brand":"1"}}
            {"subject":"3","attributes":{"plan":"1"},"context":{"brand":"2"}}
            """,
            ["signet: warning: nothing reads attributes.plan", "signet: warning: nothing reads context.brand"]
        ),
    ]

    @Test(arguments: cases)
    func unreadMemberIsNamedOnceWithTheNearestName(arguments: [String], input: String, notes: [String]) throws {
        let outcome = try Workplace().signet(["sign"] + arguments, input: input)
        #expect(outcome.status == 0)
        #expect(outcome.output != "")
        #expect(outcome.notes == notes)
    }

    @Test func warningPrecedesTheErrorThatItExplains() throws {
        let workplace = try Workplace(
            Workplace.configuration.replacing(#""attributes.plan", "required": false"#, with: #""attributes.plan""#))
        let outcome = try workplace.signet(
            "sign", "talkative", "--subject", "1", "--email", "e", "--attribute", "Plan=gold")
        #expect(outcome.status == 1)
        #expect(
            outcome.notes.prefix(2) == [
                "signet: warning: nothing reads attributes.Plan", "signet: hint: did you mean \"plan\"?",
            ])
        #expect(outcome.notes.contains { $0.hasPrefix("signet: error: ") && $0.contains("attributes.plan") })
    }

    @Test func warningsOfABatchAreLimited() throws {
        let lines = (0..<2000).map { #"{"subject":"1","attributes":{"n\#($0)":"1"}}"# + "\n" }.joined()
        let outcome = try Workplace().signet(["sign", "dg", "--batch", "-"], input: lines)
        #expect(outcome.status == 0)
        #expect(outcome.lines.count == 2000)
        #expect(outcome.notes.count == 101)
        #expect(outcome.notes.last == "signet: warning: nothing reads some further members")
    }
}
