import SignetIdentity
import SignetJOSE
import SignetRouting

/// `signet migrate report`: what became of a move, from what the gateway recorded.
enum MigrateReportCommand {
    static let declaration = CommandDeclaration(
        path: ["migrate", "report"], summary: "counts from audit files who was on which side of a move, and why",
        usages: ["ROUTE AUDITFILE… [-c FILE] [--output json]"],
        discussion: [
            "For each day (UTC), side and reason: what was signed, and for how many different customers, by their tags. A stranger",
            "is signed for and is no customer. A request counts once, as what was handed out: where the new vendor was called and",
            "failed, as a fallback.",
            "Then for each day: fallbacks; what was signed for the new side and not handed out; customers on both sides, fallbacks",
            "left out; and customers moved back, whom a decision put to the old connection after they had been at the new one on",
            "that day (no fallback, no conversation that went on there).",
            "Files may come in any order, and from several replicas with one \"digestKey\". The chain is not",
            "verified: signet audit verify does that. No configuration is needed; with -c the route has to be one of that one's.",
            "Customers are told apart exactly: the memory this takes goes with how many there are on each day, some 100 bytes",
            "each, and not with the lines.",
        ],
        operands: [
            Operand(name: "ROUTE", summary: "The route, as the audit names it.", completion: .names(.routes)),
            Operand(name: "AUDITFILE", summary: "An audit file; - is stdin.", repeats: true, completion: .file),
        ],
        flags: [.config, .output],
        exits: [(.done, "everything was read"), (.no, "some lines are damaged, and were not counted")],
        security: ["The result holds figures, and no tag of a customer."],
        examples: [
            "signet migrate report help audit.jsonl.1 audit.jsonl",
            "zcat audit.jsonl.*.gz | signet migrate report help - --output json",
        ],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let route = try invocation.requiredOperand(0, "ROUTE")
        _ = try invocation.requiredOperand(1, "AUDITFILE")
        let isJSON = try invocation.wantsJSON()
        let paths = invocation.operands.dropFirst()
        if paths.count(where: { $0 == "-" }) > 1 {
            throw CommandFailure(.wrongUse, "stdin can be read once")
        }
        if invocation.has("--config") {
            guard !paths.contains("-") || invocation.configurationPath != "-" else {
                throw CommandFailure(.wrongUse, "stdin can be read once")
            }
            let configuration = try invocation.configuration()
            _ = try reporting {
                try configuration.routes.route(route)
            }
        }
        var tally = MigrationTally(route: route)
        for path in paths { try tally.read(path) }
        tally.finish()
        tellDamage(tally)
        if tally.decided == 0 { tellNothing(tally) }
        let report = MigrationReport(tally)
        try Output.text(isJSON ? JSONWriter.text(of: report.json) + "\n" : report.text)
        return tally.damageCount == 0 ? .done : .no
    }

    private static func tellDamage(_ tally: MigrationTally) {
        for damage in tally.damage {
            Output.note("\(damage.file):\(damage.line): error: this is no line of an audit file")
        }
        let rest = tally.damageCount - tally.damage.count
        if rest > 0 { Output.note("signet: error: and \(rest) more lines that are none of an audit file") }
    }

    /// A mistyped route would look like one that nobody used.
    private static func tellNothing(_ tally: MigrationTally) {
        Output.note("signet: warning: no line tells a side of route \(UnknownName.quoted(tally.route))")
        if tally.undecided > 0 {
            Output.note("signet: hint: \(tally.undecided) lines are of the route while it was not moved")
        } else if let hint = NearestName.hint(for: tally.route, among: tally.others.sorted()) {
            Output.note("signet: hint: \(hint)")
        }
    }
}

/// What became of a move, for people and for programs.
struct MigrationReport {
    private let tally: MigrationTally
    private let days: [Day]

    /// A day's figures, each counted once.
    private struct Day {
        let name: String
        let rows: [MigrationDay.Row]
        let signed: Int
        let customers: Int
        let fallbacks: Int
        let notHandedOut: Int
        let changedSides: Int
        let movedBack: Int
    }

    init(_ tally: MigrationTally) {
        self.tally = tally
        days = tally.days.sorted { $0.key < $1.key }.map { name, day in
            Day(
                name: name, rows: day.rows, signed: day.signedCount, customers: day.customerCount,
                fallbacks: day.fallbacks, notHandedOut: day.notHandedOut, changedSides: day.changedSides,
                movedBack: day.movedBack)
        }
    }

    // MARK: For people

    /// Two tables; nothing where nothing was signed.
    var text: String {
        guard !days.isEmpty else { return "" }
        let rows = days.flatMap { day in
            day.rows.map { row -> [TextTable.Cell] in
                [
                    .text(day.name), .text(row.side.rawValue), .text(row.reason.rawValue), .number(row.signed),
                    .number(row.customers),
                ]
            }
        }
        let totals = days.map { day -> [TextTable.Cell] in
            [
                .text(day.name), .number(day.signed), .number(day.customers), .number(day.fallbacks),
                .number(day.notHandedOut), .number(day.changedSides), .number(day.movedBack),
            ]
        }
        let heads: [TextTable.Cell] = [
            "day", "signed", "customers", "fallbacks", "not handed out", "changed sides", "moved back",
        ]
        return TextTable(rows: [["day", "side", "reason", "signed", "customers"]] + rows).text + "\n"
            + TextTable(rows: [heads] + totals).text
    }

    // MARK: For programs

    var json: JSONValue {
        [
            "route": .string(tally.route), "lines": .count(tally.decided), "undecided": .count(tally.undecided),
            "damaged": .count(tally.damageCount), "rows": .array(days.flatMap(rowsJSON)),
            "days": .array(days.map(json)),
        ]
    }

    private func rowsJSON(_ day: Day) -> [JSONValue] {
        day.rows.map { row in
            [
                "day": .string(day.name), "side": .string(row.side.rawValue), "reason": .string(row.reason.rawValue),
                "signed": .count(row.signed), "customers": .count(row.customers),
            ]
        }
    }

    private func json(_ day: Day) -> JSONValue {
        [
            "day": .string(day.name), "signed": .count(day.signed), "customers": .count(day.customers),
            "fallbacks": .count(day.fallbacks), "notHandedOut": .count(day.notHandedOut),
            "changedSides": .count(day.changedSides), "movedBack": .count(day.movedBack),
        ]
    }
}
