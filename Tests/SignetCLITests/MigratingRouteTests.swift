import SignetJOSE
import SignetTestSupport
import Testing

/// `explain`, `sign` and `verify` on a route that is in the middle of a move.
@Suite struct MigratingRouteTests {
    private static let live = #"""
        "stage": "live", "percent": 12.5, "salt": "2026-talkative",
        "cohorts": [ { "name": "staff", "when": { "segment": "staff" }, "percent": 100 } ],
        "pin": { "to": ["pinned"], "from": ["stays"] }
        """#

    static let decisions: [(arguments: String, side: String, decision: String, detail: String)] = [
        ("", "from", #"{"side":"from","reason":"anonymous"}"#, "an anonymous visitor without a visitorId"),
        (
            "--subject 12345", "from", #"{"side":"from","reason":"percent","bucket":68257}"#,
            "bucket 68257 of 100000 is not in the 12.5 %"
        ),
        (
            "--subject 12345 --context segment=staff", "to",
            #"{"side":"to","reason":"cohort","bucket":68257,"cohort":"staff"}"#,
            #"bucket 68257 of 100000 is in the 100 % of cohort "staff""#
        ),
        ("--subject pinned", "to", #"{"side":"to","reason":"pin"}"#, "the customer is pinned"),
        ("--subject stays", "from", #"{"side":"from","reason":"pin"}"#, "the customer is pinned"),
        (
            "--visitor v", "from", #"{"side":"from","reason":"percent","bucket":41719}"#,
            "bucket 41719 of 100000 is not in the 12.5 %"
        ),
        ("--visitor=", "from", #"{"side":"from","reason":"anonymous"}"#, "an anonymous visitor without a visitorId"),
        (
            "--subject 12345 --ongoing talkative-uk", "to", #"{"side":"to","reason":"ongoing"}"#,
            "the page has an ongoing conversation there"
        ),
        (
            "--subject 12345 --ongoing nowhere", "from", #"{"side":"from","reason":"percent","bucket":68257}"#,
            "bucket 68257 of 100000 is not in the 12.5 %"
        ),
    ]

    @Test(arguments: decisions)
    func explainShowsTheSideAndTheReasonWithoutLoadingKeys(
        arguments: String, side: String, decision: String, detail: String
    ) throws {
        let workplace = try Workplace.migrating(Self.live)
        try workplace.directory.remove("keys")
        let words = ["explain", "help"] + arguments.split(separator: " ").map(String.init)
        let outcome = try workplace.signet(words + ["--output", "json"])
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
        let json = try JSONReader.value(outcome.output.utf8)
        #expect(
            json.members?.map(\.name) == ["route", "connection", "vendor", "key", "reason", "detail", "decision"])
        let isNew = side == "to"
        #expect(json["connection"]?.string == (isNew ? "talkative-uk" : "dg-eu"))
        #expect(json["vendor"]?.string == (isNew ? "talkative" : "dg"))
        #expect(json["key"]?.string == (isNew ? "talkative" : "dg"))
        #expect(json["reason"] == json["decision"]?["reason"])
        #expect(json["detail"]?.string == detail)
        #expect(try json["decision"] == JSONReader.value(decision.utf8))
        let text = try workplace.signet(words).output
        #expect(
            text == "help: \(isNew ? "talkative-uk (talkative)" : "dg-eu (dg)"), side \"\(side)\": \(detail)\n")
    }

    @Test func attributeCanDecideTheSide() throws {
        let workplace = try Workplace.migrating(
            #""stage": "live", "percent": 100, "stickiness": "attributes.household""#)
        let without = try workplace.signet("explain", "help", "--subject", "1")
        #expect(without.output == "help: dg-eu (dg), side \"from\": the value that \"stickiness\" names was not sent\n")
        let with = try workplace.signet("explain", "help", "--subject", "1", "--attribute", "household=h")
        #expect(with.output.hasPrefix("help: talkative-uk (talkative), side \"to\": bucket "))
    }

    /// The sides of two customers at one half; neither is the other's.
    private static let half = #""stage": "live", "percent": 50, "pin": { "to": ["new"], "from": ["old"] }"#

    @Test func signUsesTheSideOfTheCustomer() throws {
        let workplace = try Workplace.migrating(Self.half)
        for (subject, connection) in [("new", "talkative-uk"), ("old", "dg-eu")] {
            let signed = try workplace.signet(
                "sign", "help", "--subject", subject, "--email", "e", "--output", "json")
            #expect(signed.status == 0)
            #expect(try JSONReader.value(signed.output.utf8)["connection"]?.string == connection)
        }
        // No side stands in for the other: what the new vendor cannot hold is told.
        let refused = try workplace.signet("sign", "help", "--subject", "new")
        #expect(refused.status == 1)
        #expect(refused.notes.first == "signet: error: Talkative field \"Email\" needs email")
    }

    @Test func batchLineIsRoutedByAllOfItsMembers() throws {
        let workplace = try Workplace.migrating(
            #""stage": "live", "percent": 0, "cohorts": [ { "name": "staff", "when": { "segment": "staff" }, "percent": 100 } ]"#,
            from: "dg-eu", to: "pega-us")
        let outcome = try workplace.signet(
            ["sign", "help", "--for", "create", "--batch", "-"],
            input: """
                {"subject":"1"}
                {"subject":"1","context":{"segment":"staff"}}
                {"anonymous":true,"visitorId":"v","context":{"segment":"staff"}}
                {"subject":"1","page":{"ongoing":"pega-us"}}
                {"anonymous":true}
                """)
        let answers = try outcome.lines.map { try JSONReader.value($0.utf8) }
        #expect(answers.map { $0["connection"]?.string } == ["dg-eu", "pega-us", "pega-us", "pega-us", nil])
        #expect(answers.last?["error"]?["message"]?.string == "DG has no auth token for an anonymous visitor")
        #expect(outcome.status == 1)
    }

    @Test func verifyAcceptsTokensOfBothSidesAndNamesTheSide() throws {
        let workplace = try Workplace.migrating(Self.half)
        for (subject, place) in [
            ("new", "\"talkative-uk\" (talkative), the side \"to\""), ("old", "\"dg-eu\" (dg), the side \"from\""),
        ] {
            let token = try workplace.signet("sign", "help", "--subject", subject, "--email", "e").output
            let outcome = try workplace.signet(["verify", "help"], input: token)
            #expect(outcome.status == 0)
            #expect(outcome.notes == ["signet: checked for \(place) of the migration"])
            #expect(outcome.lines.last == "valid")
        }
    }

    @Test(arguments: [
        ("off", "from"), ("shadow", "from"), ("live", "from"), ("rampdown", "to"), ("complete", "to"),
    ])
    func verifyReportsAnUnsignedTokenForTheSideOfTheStage(stage: String, side: String) throws {
        let outcome = try Workplace.migrating("\"stage\": \"\(stage)\"").signet("verify", "help", "MARKER")
        #expect(outcome.status == 1)
        #expect(outcome.notes.first?.hasSuffix("the side \"\(side)\" of the migration") == true)
    }

    @Test func verifyReportsAnExpiredTokenForTheSideThatSignedIt() throws {
        let workplace = try Workplace.migrating(#""stage": "complete""#)
        let token = try workplace.signet("sign", "dg", "--subject", "1").output
        let outcome = try workplace.signet(["verify", "help", "--at", "2099-01-01T00:00:00Z"], input: token)
        #expect(outcome.status == 1)
        #expect(outcome.notes == ["signet: checked for \"dg-eu\" (dg), the side \"from\" of the migration"])
        #expect(outcome.output.contains("fail  exp"))
    }

    @Test func sessionIsNeededIfOneSideNeedsIt() throws {
        let workplace = try Workplace.migrating(#""stage": "complete""#, to: "pega-us")
        let token = try workplace.signet("sign", "help", "--subject", "1", "--for", "create").output
        #expect(try workplace.signet(["verify", "help", "--for", "create"], input: token).status == 0)
        let without = try workplace.signet(["verify", "help"], input: token)
        #expect(without.status == 2)
        #expect(
            without.notes.first == "signet: error: this vendor's tokens are bound to a session, and no session is named"
        )
        // A token of the side without sessions needs none, good or expired.
        let old = try workplace.signet("sign", "dg", "--subject", "1").output
        #expect(try workplace.signet(["verify", "help"], input: old).status == 0)
        #expect(try workplace.signet(["verify", "help", "--at", "2099-01-01T00:00:00Z"], input: old).status == 1)
    }
}
