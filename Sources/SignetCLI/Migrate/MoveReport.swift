import SignetJOSE
import SignetRouting

/// What became of a move, for people and for programs.
struct MoveReport {
    private let tally: MoveTally
    private let days: [Day]

    /// A day's figures, each counted once.
    private struct Day {
        let name: String
        let rows: [MoveDay.Row]
        let signed: Int
        let customers: Int
        let fallbacks: Int
        let notHandedOut: Int
        let changedSides: Int
        let movedBack: Int
    }

    init(_ tally: MoveTally) {
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
