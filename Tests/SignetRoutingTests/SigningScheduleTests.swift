import SignetIdentity
import SignetRouting
import Testing

/// Which key signs when, on a clock of a few seconds.
@Suite struct SigningScheduleTests {
    /// Keys in their order of preference, each with its window, and the key of each period.
    struct Row: Sendable, CustomTestStringConvertible {
        let keys: [(name: String, from: Int64?, until: Int64?)]
        let expected: [(from: Int64, key: String?)]
        var testDescription: String { "\(keys)" }

        init(_ keys: [(String, Int64?, Int64?)], _ expected: [(Int64, String?)]) {
            self.keys = keys.map { (name: $0.0, from: $0.1, until: $0.2) }
            self.expected = expected.map { (from: $0.0, key: $0.1) }
        }
    }

    private static let rows = [
        Row([("a", nil, nil)], [(.min, "a")]),
        Row([("a", nil, nil), ("b", nil, nil)], [(.min, "a")]),
        Row([("a", nil, 10), ("b", nil, nil)], [(.min, "a"), (10, "b")]),
        Row([("a", nil, 10), ("b", 10, nil)], [(.min, "a"), (10, "b")]),
        Row([("a", nil, 10), ("b", 20, nil)], [(.min, "a"), (10, nil), (20, "b")]),
        Row([("a", nil, 20), ("b", 10, nil)], [(.min, "a"), (20, "b")]),
        Row([("b", 10, nil), ("a", nil, 20)], [(.min, "a"), (10, "b")]),
        Row([("b", 10, nil), ("a", nil, nil)], [(.min, "a"), (10, "b")]),
        Row([("b", 10, 20), ("a", nil, nil)], [(.min, "a"), (10, "b"), (20, "a")]),
        Row([("a", 10, nil)], [(.min, nil), (10, "a")]),
        Row([("a", nil, 10)], [(.min, "a"), (10, nil)]),
        Row([("a", 10, 20), ("b", 15, 30), ("c", 29, 40)], [(.min, nil), (10, "a"), (20, "b"), (30, "c"), (40, nil)]),
        Row([("a", nil, nil), ("b", 10, 20)], [(.min, "a")]),
    ]

    private static func window(_ from: Int64?, _ until: Int64?) throws -> KeyWindow {
        try #require(
            KeyWindow(
                notBefore: from.map(NumericDate.init(seconds:)), notAfter: until.map(NumericDate.init(seconds:))))
    }

    private static func schedule(_ row: Row) throws -> SigningSchedule {
        SigningSchedule(try row.keys.map { (name: $0.name, window: try window($0.from, $0.until)) })
    }

    @Test(arguments: rows)
    func firstKeyInItsWindowSigns(row: Row) throws {
        let schedule = try Self.schedule(row)
        #expect(schedule.periods.map(\.start.seconds) == row.expected.map(\.from))
        #expect(schedule.periods.map(\.key) == row.expected.map(\.key))
        for second in Int64(0)...45 {
            let time = NumericDate(seconds: second)
            let key = try row.keys.first { try Self.window($0.from, $0.until).contains(time) }
            #expect(schedule.key(at: time) == key?.name, "\(second)")
        }
    }

    @Test func windowContainsItsStartButNotItsEnd() throws {
        let window = try Self.window(10, 20)
        #expect([9, 10, 19, 20].map { window.contains(NumericDate(seconds: $0)) } == [false, true, true, false])
        #expect(KeyWindow.always.contains(NumericDate(seconds: .min)))
    }

    @Test(arguments: [(10, 10), (11, 10)] as [(Int64, Int64)])
    func emptyWindowIsRefused(from: Int64, until: Int64) {
        #expect(
            KeyWindow(notBefore: NumericDate(seconds: from), notAfter: NumericDate(seconds: until)) == nil)
    }

    @Test func nextChangeAndNextGapAreFound() throws {
        let schedule = try Self.schedule(Self.rows[4])
        let times = [0, 9, 10, 19, 20, 30].map { NumericDate(seconds: $0) }
        #expect(times.map { schedule.change(after: $0)?.start.seconds } == [10, 10, 20, 20, nil, nil])
        #expect(times.map { schedule.change(after: $0)?.key } == [nil, nil, "b", "b", nil, nil])
        #expect(times.map { schedule.gap(from: $0)?.start.seconds } == [10, 10, 10, 10, nil, nil])
    }

    // MARK: The outlook

    private static let start = NumericDate(rfc3339: "2026-12-01T00:00:00Z")

    private static func time(afterDays days: Int64, _ seconds: Int64 = 0) throws -> NumericDate {
        try #require(start).advanced(by: days * 86_400 + seconds)
    }

    private static func outlook(_ keys: [(String, from: Int64?, until: Int64?)]) throws -> SigningOutlook? {
        let windows = try keys.map { name, from, until in
            let window = KeyWindow(
                notBefore: try from.map { try time(afterDays: $0) }, notAfter: try until.map { try time(afterDays: $0) }
            )
            return (name: name, window: try #require(window))
        }
        return SigningOutlook(SigningSchedule(windows), at: try time(afterDays: 0, 1))
    }

    @Test(
        arguments: [
            ([("a", nil, 30), ("b", nil, nil)], "a signs until 2026-12-31T00:00:00Z, then b", false),
            ([("a", nil, 10)], "in 9 days nothing can sign for this connection (from 2026-12-11T00:00:00Z on)", true),
            ([("a", nil, 2)], "in a day nothing can sign for this connection (from 2026-12-03T00:00:00Z on)", true),
            (
                [("a", nil, 1)],
                "in less than a day nothing can sign for this connection (from 2026-12-02T00:00:00Z on)",
                true
            ),
            ([("a", nil, 30)], "in 29 days nothing can sign for this connection (from 2026-12-31T00:00:00Z on)", true),
            ([("a", nil, 31)], "from 2027-01-01T00:00:00Z on nothing can sign for this connection", false),
            (
                [("a", nil, 5), ("b", 3, 10)],
                "a signs until 2026-12-06T00:00:00Z, then b; in 9 days nothing can sign for this connection "
                    + "(from 2026-12-11T00:00:00Z on)", true
            ),
            ([("a", 1, nil)], "nothing can sign for this connection until 2026-12-02T00:00:00Z, then a", true),
            ([("a", nil, -1)], "nothing can sign for this connection any more", true),
        ] as [([(String, Int64?, Int64?)], String, Bool)])
    func outlookNamesTheNextChanges(keys: [(String, Int64?, Int64?)], text: String, isUrgent: Bool) throws {
        let outlook = try Self.outlook(keys.map { ($0.0, from: $0.1, until: $0.2) })
        #expect(outlook?.text == text)
        #expect(outlook?.isUrgent == isUrgent)
    }

    @Test func unchangingScheduleHasNoOutlook() throws {
        #expect(try Self.outlook([("a", from: nil, until: nil)]) == nil)
        #expect(try Self.outlook([("a", from: -3, until: nil), ("b", from: nil, until: -2)]) == nil)
    }
}
