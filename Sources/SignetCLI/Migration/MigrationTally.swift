import SignetGateway
import SignetJOSE
import SignetRouting
import SignetSystem

/// Counts the audit lines of one route day by day, for files in any order.
struct MigrationTally {
    /// A line that the gateway did not write like this.
    struct Damage {
        let file: String
        let line: Int
    }

    /// How many damaged lines are reported one by one.
    static let damageShown = 20
    /// At most so many lines are refused at once.
    private static let recentKept = AuditFile.batchLimit
    /// How many other routes are kept, for the hint about a mistyped name.
    private static let othersKept = 64

    let route: String
    private(set) var days: [String: MigrationDay] = [:]
    private var pairs = RequestPairs()
    /// The last lines. A later line can still report that they were refused.
    private var recent: [AuditedDecision] = []
    /// Lines of the route without a migration.
    private(set) var undecided = 0
    private(set) var damageCount = 0
    /// The first damaged lines.
    private(set) var damage: [Damage] = []
    /// Names of other routes in the files.
    private(set) var others: Set<String> = []

    init(route: String) {
        self.route = route
    }

    /// Lines of the route, with a side.
    var decided: Int { days.values.reduce(0) { $0 + $1.signedCount + $1.notReturned } }

    /// Counts the lines of a file; `-` is standard input.
    mutating func read(_ path: String) throws(CommandFailure) {
        let name = StandardInput.name(of: path)
        let route = route
        try ParallelLines(path: path).run({ slice in
            slice.numbered.map { (number: $0, line: AuditedDecision.read($1, of: route)) }
        }) { lines, _ throws(CommandFailure) in
            for (number, line) in lines { add(line, number, of: name) }
        }
    }

    /// Counts the lines that still waited. Called once, after the last file.
    mutating func finish() {
        settle(keeping: 0)
        for outcome in pairs.finish() { count(outcome) }
    }

    /// Counts the lines that can no longer be reported as refused.
    private mutating func settle(keeping kept: Int) {
        for line in recent.dropLast(kept) {
            for outcome in pairs.add(line) { count(outcome) }
        }
        recent.removeFirst(max(0, recent.count - kept))
    }

    private mutating func refuse(_ range: ClosedRange<Int64>, of chain: ByteString) {
        let isRefused = { (line: AuditedDecision) in line.chain == chain && range.contains(line.sequence) }
        for line in recent where isRefused(line) { count(.notReturned(line)) }
        recent.removeAll(where: isRefused)
    }

    private mutating func count(_ outcome: RequestPairs.Outcome) {
        switch outcome {
        case .counted(let line): days[line.day, default: MigrationDay()].add(line)
        case .notReturned(let line): days[line.day, default: MigrationDay()].addNotReturned()
        }
    }

    private mutating func add(_ line: AuditedDecision.Line, _ number: Int, of file: String) {
        switch line {
        case .other(let name):
            if others.count < Self.othersKept { others.insert(name) }
        case .undecided: undecided += 1
        case .decided(let line):
            recent.append(line)
            if recent.count >= 2 * Self.recentKept { settle(keeping: Self.recentKept) }
        case .resumed(let refused?, let chain): refuse(refused, of: chain)
        case .resumed(nil, _): break
        case .damaged:
            damageCount += 1
            if damage.count < Self.damageShown { damage.append(Damage(file: file, line: number)) }
        }
    }
}

/// The counts of one UTC day. They need some 100 bytes per customer, whatever the number of lines.
struct MigrationDay: Sendable {
    /// The counts for a side and a reason.
    struct Row: Sendable {
        let side: Migration.Side
        let reason: Migration.Reason
        let signed: Int
        let customers: Int
    }

    /// The day of a customer.
    private struct Customer: Sendable {
        /// A bit for each side and reason.
        var places: UInt16 = 0
        /// The first time at the new connection.
        var firstNew = AuditMoment.never
        /// The last time that a decision sent them to the old one.
        var lastOld = AuditMoment.beforeAll

        mutating func note(_ line: AuditedDecision, at place: Int) {
            places |= 1 << place
            switch (line.side, line.reason) {
            case (.to, _): firstNew = min(firstNew, line.moment)
            case (.from, .fallback), (.from, .ongoing): break
            case (.from, _): lastOld = max(lastOld, line.moment)
            }
        }
    }

    private static let reasons = Migration.Reason.allCases
    private var signed = Array(repeating: 0, count: 2 * reasons.count)
    private var customers: [CustomerTag: Customer] = [:]

    /// Identities that were signed for the new side and sent to its vendor, but not returned: the call failed, and the old
    /// connection was used.
    private(set) var notReturned = 0

    mutating func addNotReturned() {
        notReturned += 1
    }

    mutating func add(_ line: AuditedDecision) {
        let place = Self.place(line.side, line.reason)
        signed[place] += 1
        guard let tag = line.customer else { return }
        customers[tag, default: Customer()].note(line, at: place)
    }

    private static func place(_ side: Migration.Side, _ reason: Migration.Reason) -> Int {
        (reasons.firstIndex(of: reason) ?? 0) + (side == .to ? reasons.count : 0)
    }

    // MARK: Figures

    /// The number of identities that were signed and returned.
    var signedCount: Int { signed.reduce(0, +) }
    /// The number of customers.
    var customerCount: Int { customers.count }

    /// Identities returned from the old connection because the new one failed.
    var fallbacks: Int { signed[Self.place(.from, .fallback)] }

    /// Customers who were on both sides, without fallbacks.
    var changedSides: Int {
        let old: UInt16 = 1 << Self.reasons.count - 1
        let fallback: UInt16 = 1 << Self.place(.from, .fallback)
        return customers.values.count { $0.places & old & ~fallback != 0 && $0.places & ~old != 0 }
    }

    /// Customers whom a decision sent to the old connection after they had used the new one. Fallbacks and ongoing conversations do
    /// not count.
    var movedBack: Int {
        customers.values.count { $0.firstNew.isCertainlyBefore($0.lastOld) }
    }

    /// The counts by side and reason, the new side first.
    var rows: [Row] {
        Migration.Side.allCases.reversed().flatMap { side in
            Self.reasons.compactMap { reason in
                let place = Self.place(side, reason)
                guard signed[place] > 0 else { return nil }
                let count = customers.values.count { $0.places & 1 << place != 0 }
                return Row(side: side, reason: reason, signed: signed[place], customers: count)
            }
        }
    }
}
