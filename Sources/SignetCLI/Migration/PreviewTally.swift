import SignetIdentity
import SignetJOSE
import SignetRouting

/// The counts of a preview. Their size does not grow with the number of lines.
struct PreviewTally: Sendable {
    /// A side, and a reason for being on it.
    struct Place: Hashable, Sendable {
        let side: Migration.Side
        let reason: Migration.Reason
    }

    /// How many requests are at a place.
    struct PlaceCounts: Sendable {
        var requests = 0
        /// How many of them the new connection cannot serve.
        var refused = 0
    }

    var lines = 0
    var customers = 0
    var anonymous = 0
    /// Requests that the new connection cannot serve.
    var refusals: FaultGroups
    /// Lines that are not a request.
    var malformed: FaultGroups
    var fields: FieldComparison.Counts
    private(set) var counts: [Place: PlaceCounts] = [:]

    /// No counts yet.
    ///
    /// - Parameter faultLimit: How many groups of faults there can be.
    init(comparing comparison: FieldComparison, faultLimit: Int = .max) {
        refusals = FaultGroups(limit: faultLimit)
        malformed = FaultGroups(limit: faultLimit)
        fields = FieldComparison.Counts(of: comparison)
    }

    /// Requests that the new connection can serve.
    var served: Int { customers + anonymous - refusals.count }

    /// Whether the new connection can serve every line. False without any line, because an export may have failed.
    var isClean: Bool { lines > 0 && refusals.count == 0 && malformed.count == 0 }

    mutating func add(_ place: Place, isRefused: Bool) {
        counts[place, default: PlaceCounts()].requests += 1
        if isRefused { counts[place, default: PlaceCounts()].refused += 1 }
    }

    /// Adds the counts of later lines.
    mutating func add(_ later: PreviewTally) {
        lines += later.lines
        customers += later.customers
        anonymous += later.anonymous
        refusals.add(later.refusals)
        malformed.add(later.malformed)
        fields.add(later.fields)
        counts.merge(later.counts) {
            PlaceCounts(requests: $0.requests + $1.requests, refused: $0.refused + $1.refused)
        }
    }

    /// The places with requests and their counts, the new side first.
    var places: [(place: Place, counts: PlaceCounts)] {
        Migration.Side.allCases.reversed().flatMap { side in
            Migration.Reason.allCases.compactMap { reason in
                let place = Place(side: side, reason: reason)
                return counts[place].map { (place, $0) }
            }
        }
    }
}

/// The fields of a customer that only one of the two vendors receives. Mappings are compared, and no value is kept.
struct FieldComparison: Sendable {
    /// The fields that only the old vendor receives.
    let lost: [Source]
    /// The fields that only the new vendor receives.
    let gained: [Source]

    init(from: VendorConnection, to: VendorConnection) {
        lost = from.sources(unseenBy: to)
        gained = to.sources(unseenBy: from)
    }

    /// How many customers have each field.
    struct Counts: Sendable {
        private(set) var lost: [Int]
        private(set) var gained: [Int]

        init(of comparison: FieldComparison) {
            lost = Array(repeating: 0, count: comparison.lost.count)
            gained = Array(repeating: 0, count: comparison.gained.count)
        }

        mutating func add(_ customer: Customer, _ comparison: FieldComparison) {
            for (index, source) in comparison.lost.enumerated() where source.isPresent(in: customer) {
                lost[index] += 1
            }
            for (index, source) in comparison.gained.enumerated() where source.isPresent(in: customer) {
                gained[index] += 1
            }
        }

        mutating func add(_ other: Counts) {
            for index in lost.indices { lost[index] += other.lost[index] }
            for index in gained.indices { gained[index] += other.gained[index] }
        }
    }
}

/// Faults counted by code and reason, each with the first lines that have it. The number of groups is limited.
struct FaultGroups: Sendable {
    /// One code and reason.
    struct Group: Sendable {
        let code: String
        let reason: String
        var count = 0
        var lines: [Int] = []
    }

    private struct Key: Hashable {
        let code: String
        let reason: String
    }

    /// How many groups there can be. Later faults are counted as "other". The counts of a slice have no limit: a fault that is
    /// "other" in a slice may have a group in the total.
    let limit: Int
    /// How many line numbers each group keeps.
    static let exampleCount = 5
    private static let other = Key(code: "other", reason: "other reasons")

    private var groups: [Key: Group] = [:]

    init(limit: Int = .max) {
        self.limit = limit
    }

    /// The number of faults.
    var count: Int { groups.values.reduce(0) { $0 + $1.count } }

    /// The faults, the most frequent first.
    var sorted: [Group] {
        groups.values.sorted { ($1.count, $0.lines.first ?? 0) < ($0.count, $1.lines.first ?? 0) }
    }

    mutating func add(code: String, reason: String, line: Int) {
        add(Group(code: code, reason: reason, count: 1, lines: [line]))
    }

    /// Adds the faults of lines that come later.
    mutating func add(_ later: FaultGroups) {
        // In the order of the lines, so that the same input always gives the same groups.
        for group in later.groups.values.sorted(by: { $0.lines.lexicographicallyPrecedes($1.lines) }) { add(group) }
    }

    private mutating func add(_ group: Group) {
        var key = Key(code: group.code, reason: group.reason)
        if groups[key] == nil && groups.count >= limit { key = Self.other }
        var known = groups[key] ?? Group(code: key.code, reason: key.reason)
        known.count += group.count
        if known.lines.count < Self.exampleCount || group.lines[0] < known.lines[Self.exampleCount - 1] {
            known.lines = Array((known.lines + group.lines).sorted().prefix(Self.exampleCount))
        }
        groups[key] = known
    }
}

extension FaultGroups {
    /// The faults for programs.
    var json: JSONValue {
        .array(
            sorted.map { group in
                [
                    "code": .string(group.code), "reason": .string(group.reason), "count": .count(group.count),
                    "lines": .array(group.lines.map(JSONValue.count)),
                ]
            })
    }

    /// The faults for people.
    var rows: [[TextTable.Cell]] {
        sorted.map { group in
            let lines = group.lines.map(String.init).joined(separator: ", ")
            let word = group.count == 1 ? "line" : "lines"
            return [
                .number(group.count), .text(group.code), .text(group.reason),
                .text("\(word) \(lines)\(group.count > group.lines.count ? ", …" : "")"),
            ]
        }
    }
}
