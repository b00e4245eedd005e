import SignetJOSE

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
