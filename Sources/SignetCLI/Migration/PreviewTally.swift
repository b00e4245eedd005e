import SignetIdentity
import SignetJOSE
import SignetRouting

/// What a preview counts. Its size does not depend on how much was counted.
struct PreviewTally: Sendable {
    /// A side and why somebody is on it.
    struct Place: Hashable, Sendable {
        let side: Migration.Side
        let reason: Migration.Reason
    }

    /// How many are at a place.
    struct Crowd: Sendable {
        var requests = 0
        /// How many of them the new connection cannot serve.
        var refused = 0
    }

    var lines = 0
    var customers = 0
    var strangers = 0
    /// Requests that the new connection cannot serve.
    var refusals: FaultGroups
    /// Lines that are no request.
    var malformed: FaultGroups
    var fields: FieldComparison.Counts
    private(set) var crowds: [Place: Crowd] = [:]

    /// Nothing yet.
    ///
    /// - Parameter faultLimit: How many faults of a kind are told apart.
    init(comparing comparison: FieldComparison, faultLimit: Int = .max) {
        refusals = FaultGroups(limit: faultLimit)
        malformed = FaultGroups(limit: faultLimit)
        fields = FieldComparison.Counts(of: comparison)
    }

    /// Requests that the new connection can serve.
    var served: Int { customers + strangers - refusals.count }

    /// Whether every line is one that the new connection can serve. Of no line that is not known: an export may have failed.
    var isClean: Bool { lines > 0 && refusals.count == 0 && malformed.count == 0 }

    mutating func add(_ place: Place, isRefused: Bool) {
        crowds[place, default: Crowd()].requests += 1
        if isRefused { crowds[place, default: Crowd()].refused += 1 }
    }

    /// Adds what came of lines that follow.
    mutating func add(_ later: PreviewTally) {
        lines += later.lines
        customers += later.customers
        strangers += later.strangers
        refusals.add(later.refusals)
        malformed.add(later.malformed)
        fields.add(later.fields)
        crowds.merge(later.crowds) {
            Crowd(requests: $0.requests + $1.requests, refused: $0.refused + $1.refused)
        }
    }

    /// The places where somebody is: the new side first, each by how many are there.
    var places: [(place: Place, crowd: Crowd)] {
        Migration.Side.allCases.reversed().flatMap { side in
            Migration.Reason.allCases.compactMap { reason in
                let place = Place(side: side, reason: reason)
                return crowds[place].map { (place, $0) }
            }
        }
    }
}

/// What of a customer reaches one vendor of a move and not the other. Mappings are compared, and whether a customer has
/// the field; no value is kept.
struct FieldComparison: Sendable {
    /// What only the old vendor gets to see.
    let lost: [Source]
    /// What only the new vendor gets to see.
    let gained: [Source]

    init(from: VendorConnection, to: VendorConnection) {
        lost = from.sources(unseenBy: to)
        gained = to.sources(unseenBy: from)
    }

    /// How many customers have what is compared, field by field.
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

/// Faults counted by their code and reason, each with the lines where it was met first. A bounded number of groups.
struct FaultGroups: Sendable {
    /// One fault, wherever it was met.
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

    /// How many faults are told apart; what comes later is "other". A part of the lines tells all of its own apart, or
    /// what is "other" there could be none of the whole.
    let limit: Int
    /// How many lines are named for each.
    static let exampleCount = 5
    private static let other = Key(code: "other", reason: "other reasons")

    private var groups: [Key: Group] = [:]

    init(limit: Int = .max) {
        self.limit = limit
    }

    /// How often there was a fault.
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
        // In the order of the lines, so that which faults are "other" is no chance.
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
