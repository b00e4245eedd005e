import SignetGateway
import SignetJOSE
import SignetRouting
import SignetSystem

/// What audit files say about the move of one route: day by day, whatever the order of the files.
struct MoveTally {
    /// A line that the gateway did not write so.
    struct Damage {
        let file: String
        let line: Int
    }

    /// How many damaged lines are told one by one.
    static let damageShown = 20
    /// No more lines than these are refused at once.
    private static let recentKept = AuditFile.batchLimit
    /// How many other routes are kept, for whoever mistyped the name.
    private static let othersKept = 64

    let route: String
    private(set) var days: [String: MoveDay] = [:]
    private var pairs = RequestPairs()
    /// The last lines, which a line that follows may still say were refused.
    private var recent: [AuditedSide] = []
    /// Lines of the route from before it was moved, or after.
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
    var decided: Int { days.values.reduce(0) { $0 + $1.signedCount + $1.notHandedOut } }

    /// Counts what stands in a file; `-` is standard input.
    mutating func read(_ path: String) throws(CommandFailure) {
        let name = path == "-" ? "standard input" : path
        let route = route
        try ParallelLines(path: path).run({ slice in
            slice.numbered.map { (number: $0, line: AuditedSide.read($1, of: route)) }
        }) { lines, _ throws(CommandFailure) in
            for (number, line) in lines { add(line, number, of: name) }
        }
    }

    /// Counts what may still have had another half. Called once, after the last file.
    mutating func finish() {
        settle(keeping: 0)
        for outcome in pairs.finish() { count(outcome) }
    }

    /// Counts what nobody can say any more was refused.
    private mutating func settle(keeping kept: Int) {
        for line in recent.dropLast(kept) {
            for outcome in pairs.add(line) { count(outcome) }
        }
        recent.removeFirst(max(0, recent.count - kept))
    }

    private mutating func refuse(_ range: ClosedRange<Int64>, of chain: ByteString) {
        let isRefused = { (line: AuditedSide) in line.chain == chain && range.contains(line.sequence) }
        for line in recent where isRefused(line) { count(.notHandedOut(line)) }
        recent.removeAll(where: isRefused)
    }

    private mutating func count(_ outcome: RequestPairs.Outcome) {
        switch outcome {
        case .counted(let line): days[line.day, default: MoveDay()].add(line)
        case .notHandedOut(let line): days[line.day, default: MoveDay()].addNotHandedOut()
        }
    }

    private mutating func add(_ line: AuditedSide.Line, _ number: Int, of file: String) {
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
