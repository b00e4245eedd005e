import SignetIdentity
import SignetRouting
import Testing

/// The side of a request: each rule alone, and the order of the rules.
struct MigrationDecisionTests {
    /// Bucket 33,498 under the salt "s".
    static let subject = "ada"

    private static func migration(_ stage: Migration.Stage, _ percent: String = "0") throws -> Migration {
        Migration(from: "old", to: "new", stage: stage, percent: try #require(Percentage(percent)), salt: "s")
    }

    private static func query(
        _ subject: String? = Self.subject, attributes: [String: String] = [:], context: [String: String] = [:],
        visitorID: String? = nil, ongoing: String? = nil
    ) throws -> RouteQuery {
        let identity = try subject.map { Identity.customer(try Customer(subject: $0, attributes: attributes)) }
        return RouteQuery(identity ?? .anonymous, context: context, visitorID: visitorID, ongoing: ongoing)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let stage: Migration.Stage
        let ongoing: String?
        let side: Migration.Side
        let reason: Migration.Reason
        var testDescription: String { "\(stage.rawValue), ongoing at \(ongoing ?? "neither")" }

        init(_ stage: Migration.Stage, _ ongoing: String?, _ side: Migration.Side, _ reason: Migration.Reason) {
            (self.stage, self.ongoing, self.side, self.reason) = (stage, ongoing, side, reason)
        }
    }

    @Test(arguments: [
        Case(.off, nil, .from, .stage), Case(.off, "new", .from, .stage), Case(.off, "old", .from, .stage),
        Case(.shadow, nil, .from, .stage), Case(.shadow, "new", .from, .stage),
        Case(.live, nil, .from, .percent), Case(.live, "new", .to, .ongoing), Case(.live, "old", .from, .ongoing),
        Case(.live, "another", .from, .percent), Case(.live, "NEW", .from, .percent),
        Case(.rampdown, nil, .to, .stage), Case(.rampdown, "old", .from, .ongoing),
        Case(.rampdown, "new", .to, .ongoing), Case(.rampdown, "another", .to, .stage),
        Case(.complete, nil, .to, .stage), Case(.complete, "old", .to, .stage),
    ])
    func stageAndOngoingConversationDecide(row: Case) throws {
        for subject in [Self.subject, nil] {
            let decision = try Self.migration(row.stage).decide(try Self.query(subject, ongoing: row.ongoing))
            #expect(decision.side == row.side)
            let isAnonymous = subject == nil && row.reason == .percent
            #expect(decision.reason == (isAnonymous ? .anonymous : row.reason))
        }
    }

    @Test func percentageTakesWholeBuckets() throws {
        let bucket = Bucket(salt: "s", value: Self.subject).number
        let below = "\(bucket / 1000).\(String(String(bucket % 1000 + 1000).dropFirst()))"
        let above = "\((bucket + 1) / 1000).\(String(String((bucket + 1) % 1000 + 1000).dropFirst()))"
        #expect(try Self.migration(.live, below).decide(try Self.query()).side == .from)
        #expect(try Self.migration(.live, above).decide(try Self.query()).side == .to)
        #expect(try Self.migration(.live, "0").decide(try Self.query()).side == .from)
        #expect(try Self.migration(.live, "100").decide(try Self.query()).side == .to)
        let decision = try Self.migration(.live, above).decide(try Self.query())
        #expect(decision.bucket?.number == bucket)
        #expect(decision.text == "bucket \(bucket) of 100000 is in the \(above) %")
    }

    @Test func raisedPercentageKeepsItsCustomers() throws {
        let queries = try (0..<2000).map { try Self.query("customer-\($0)") }
        var before = Set<Int>()
        for percent in ["0", "0.5", "2.007", "12.5", "50", "99.999", "100"] {
            let migration = try Self.migration(.live, percent)
            let moved = Set(queries.indices.filter { migration.decide(queries[$0]).side == .to })
            #expect(before.isSubset(of: moved))
            before = moved
        }
        #expect(before.count == queries.count)
    }

    @Test func firstMatchingCohortCounts() throws {
        var migration = try Self.migration(.live, "100")
        migration.cohorts = [
            .init(name: "staff", when: Condition([("segment", ["staff"])]), percent: .all),
            .init(name: "premium", when: Condition([("segment", ["staff", "premium"])]), percent: .none),
        ]
        let staff = migration.decide(try Self.query(context: ["segment": "staff"]))
        #expect((staff.side, staff.reason, staff.cohort) == (.to, .cohort, "staff"))
        let premium = migration.decide(try Self.query(context: ["segment": "premium"]))
        #expect((premium.side, premium.reason, premium.cohort) == (.from, .cohort, "premium"))
        #expect(premium.text.hasSuffix("is not in the 0 % of cohort \"premium\""))
        let other = migration.decide(try Self.query())
        #expect((other.side, other.reason, other.cohort) == (.to, .percent, nil))
    }

    @Test func pinsCountOnlyInLiveAndByExactBytes() throws {
        let pins = PinnedSubjects(from: ["caf\u{E9}"], to: [Self.subject])
        for stage in Migration.Stage.allCases {
            var migration = try Self.migration(stage)
            migration.pins = pins
            let decision = migration.decide(try Self.query())
            #expect((decision.reason == .pin) == (stage == .live))
            if stage == .live { #expect(decision.side == .to) }
        }
        var migration = try Self.migration(.live, "100")
        migration.pins = pins
        #expect(migration.decide(try Self.query("caf\u{E9}")).side == .from)
        #expect(migration.decide(try Self.query("cafe\u{301}")).reason == .percent)
        #expect(migration.decide(try Self.query(ongoing: "old")).reason == .ongoing)
        #expect(migration.decide(try Self.query(nil, visitorID: Self.subject)).reason == .percent)
    }

    @Test func anonymousVisitorIsDecidedByVisitorIDOrConfiguredSide() throws {
        var migration = try Self.migration(.live, "100")
        let visitor = migration.decide(try Self.query(nil))
        #expect((visitor.side, visitor.reason) == (.from, .anonymous))
        migration.anonymous = .to
        #expect(migration.decide(try Self.query(nil)).side == .to)
        migration.anonymous = .from
        let known = migration.decide(try Self.query(nil, visitorID: "v1"))
        #expect((known.side, known.reason) == (.to, .percent))
        #expect(known.bucket == Bucket(salt: "s", value: "v1"))
    }

    @Test func missingStickinessValueStaysAtFrom() throws {
        var migration = try Self.migration(.live, "100")
        migration.stickiness = try #require(Migration.Stickiness("attributes.household"))
        let missing = migration.decide(try Self.query(visitorID: "v1"))
        #expect((missing.side, missing.reason) == (.from, .missing))
        let there = migration.decide(try Self.query(attributes: ["household": "h7"]))
        #expect(there.bucket == Bucket(salt: "s", value: "h7"))
        migration.stickiness = .visitorID
        #expect(migration.decide(try Self.query()).reason == .missing)
        #expect(migration.decide(try Self.query(visitorID: "v1")).bucket == Bucket(salt: "s", value: "v1"))
        // The side of anonymous visitors does not apply to a customer.
        migration.anonymous = .to
        #expect(migration.decide(try Self.query()).side == .from)
    }

    @Test(arguments: ["subjects", "attributes.", "attributes.a b", "email", "", "visitorID"])
    func invalidStickinessIsRefused(text: String) {
        #expect(Migration.Stickiness(text) == nil)
    }
}
