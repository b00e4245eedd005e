import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting

/// `signet migrate report`: counts the decisions of a migration in audit files.
enum MigrateReportCommand {
    static let declaration = CommandDeclaration(
        path: ["migrate", "report"], summary: "counts in audit files which side of a migration was used, and why",
        usages: ["ROUTE AUDITFILE… [-c FILE] [--output json]"],
        discussion: [
            "For each day (UTC), side and reason: the number of signed identities and of different customers, by their tags. An",
            "anonymous visitor counts as signed, but not as a customer. Each request counts once, for the identity that was",
            "returned: as a fallback if the new vendor was called and failed.",
            "Then for each day: fallbacks; identities signed for the new side but not returned; customers on both sides, without",
            "fallbacks; and customers moved back: a decision sent them to the old connection after they had used the new one on",
            "that day (fallbacks and ongoing conversations do not count).",
            "The files can be in any order, and from several replicas with the same \"digestKey\". The chain is not verified: use",
            "signet audit verify. No configuration is needed; with -c, the route has to exist in it. The counts of customers are",
            "exact and need some 100 bytes per customer and day.",
        ],
        operands: [
            .route,
            Operand(name: "AUDITFILE", summary: "An audit file; - is stdin.", repeats: true, completion: .file),
        ],
        flags: [.config, .output],
        exits: [(.done, "every line was read"), (.no, "some lines are damaged and were not counted")],
        security: ["The result holds counts, but no tag of a customer."],
        examples: [
            "signet migrate report help audit.jsonl.1 audit.jsonl",
            "zcat audit.jsonl.*.gz | signet migrate report help - --output json",
        ],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let route = try invocation.requiredOperand(0, "ROUTE")
        _ = try invocation.requiredOperand(1, "AUDITFILE")
        let isJSON = try invocation.wantsJSON()
        let paths = Array(invocation.operands.dropFirst())
        let hasConfiguration = invocation.has("--config")
        try invocation.refuseStandardInputTwice(paths + (hasConfiguration ? [invocation.configurationPath] : []))
        if hasConfiguration {
            let configuration = try invocation.configuration()
            _ = try reporting {
                try configuration.routes.route(route)
            }
        }
        var tally = MigrationTally(route: route)
        for path in paths { try tally.read(path) }
        tally.finish()
        reportDamage(tally)
        if tally.decided == 0 { warnOfNothing(tally) }
        let report = MigrationReport(tally)
        try Output.report(asJSON: isJSON, report.json, text: report.text)
        return tally.damageCount == 0 ? .done : .no
    }

    private static func reportDamage(_ tally: MigrationTally) {
        for damage in tally.damage {
            Output.note("\(damage.file):\(damage.line): error: not a valid audit line")
        }
        let rest = tally.damageCount - tally.damage.count
        if rest > 0 { Output.note("signet: error: and \(rest) more lines that are not valid audit lines") }
    }

    /// Warns of a route without decisions: its name may be mistyped.
    private static func warnOfNothing(_ tally: MigrationTally) {
        Output.warning(
            "no line has a migration decision for the route \(UnknownName.quoted(tally.route))",
            hint: tally.undecided > 0
                ? "\(tally.undecided) lines are from times when the route had no migration"
                : NearestName.hint(for: tally.route, among: tally.others.sorted()))
    }
}

/// The counts of a migration, for people and for programs.
private struct MigrationReport {
    private let tally: MigrationTally
    private let days: [(name: String, counts: MigrationDay)]

    init(_ tally: MigrationTally) {
        self.tally = tally
        days = tally.days.sorted { $0.key < $1.key }.map { ($0, $1) }
    }

    // MARK: For people

    /// Two tables; empty if nothing was signed.
    var text: String {
        guard !days.isEmpty else { return "" }
        let rows = days.flatMap { name, day in
            day.rows.map { row -> [TextTable.Cell] in
                [
                    .text(name), .text(row.side.rawValue), .text(row.reason.rawValue), .number(row.signed),
                    .number(row.customers),
                ]
            }
        }
        let totals = days.map { name, day -> [TextTable.Cell] in
            [
                .text(name), .number(day.signedCount), .number(day.customerCount), .number(day.fallbacks),
                .number(day.notReturned), .number(day.changedSides), .number(day.movedBack),
            ]
        }
        let heads: [TextTable.Cell] = [
            "day", "signed", "customers", "fallbacks", "not returned", "changed sides", "moved back",
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

    private func rowsJSON(_ name: String, _ day: MigrationDay) -> [JSONValue] {
        day.rows.map { row in
            [
                "day": .string(name), "side": .string(row.side.rawValue), "reason": .string(row.reason.rawValue),
                "signed": .count(row.signed), "customers": .count(row.customers),
            ]
        }
    }

    private func json(_ name: String, _ day: MigrationDay) -> JSONValue {
        [
            "day": .string(name), "signed": .count(day.signedCount), "customers": .count(day.customerCount),
            "fallbacks": .count(day.fallbacks), "notHandedOut": .count(day.notReturned),
            "changedSides": .count(day.changedSides), "movedBack": .count(day.movedBack),
        ]
    }
}
