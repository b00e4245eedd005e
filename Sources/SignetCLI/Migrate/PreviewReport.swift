import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting

/// What a preview found, for people and for programs. Figures, names of the configuration, and numbers of lines: nothing else.
struct PreviewReport {
    let run: PreviewRun
    let tally: PreviewTally

    private var old: String { run.route.from.name }
    private var new: String { run.route.to.name }

    // MARK: For people

    var text: String {
        [
            "\(run.route.title)\n", counts,
            section("\(new) cannot serve:", tally.refusals.rows), section("No identities:", tally.malformed.rows),
            section(
                "Only \(old) gets to see, of so many customers:", fieldRows(run.comparison.lost, tally.fields.lost)),
            section(
                "Only \(new) gets to see, of so many customers:", fieldRows(run.comparison.gained, tally.fields.gained)),
            section("In \"live\" at \(run.percent.text) %:", placeRows),
        ].joined()
    }

    private var counts: String {
        TextTable(
            indent: "  ",
            rows: [
                [.number(tally.lines), "lines"], [.number(tally.customers), "customers"],
                [.number(tally.strangers), "strangers"], [.number(tally.malformed.count), "no identities"],
                [.number(tally.served), .text("that \(new) can serve")],
                [.number(tally.refusals.count), .text("that \(new) cannot serve")],
            ]
        ).text
    }

    private func section(_ title: String, _ rows: [[TextTable.Cell]]) -> String {
        rows.isEmpty ? "" : "\n\(title)\n" + TextTable(indent: "  ", rows: rows).text
    }

    private func fieldRows(_ sources: [Source], _ counts: [Int]) -> [[TextTable.Cell]] {
        zip(sources, counts).map { [.number($1), .text($0.text)] }
    }

    private var placeRows: [[TextTable.Cell]] {
        tally.places.map { place, crowd in
            let refused = crowd.refused == 0 ? "" : "\(crowd.refused) of them \(new) cannot serve"
            return [
                .number(crowd.requests), .text("\"\(place.side.rawValue)\""), .text(place.reason.rawValue),
                .text(refused),
            ]
        }
    }

    // MARK: For programs

    var json: JSONValue {
        .object(
            run.route.members + [
                JSONMember("lines", .count(tally.lines)), JSONMember("customers", .count(tally.customers)),
                JSONMember("strangers", .count(tally.strangers)),
                JSONMember("served", .count(tally.served)), JSONMember("refused", .count(tally.refusals.count)),
                JSONMember("malformed", .count(tally.malformed.count)),
                JSONMember("refusals", tally.refusals.json), JSONMember("malformedLines", tally.malformed.json),
                JSONMember(
                    "fields",
                    [
                        "lost": fieldJSON(run.comparison.lost, tally.fields.lost),
                        "gained": fieldJSON(run.comparison.gained, tally.fields.gained),
                    ]),
                JSONMember("percent", .percent(run.percent)), JSONMember("sides", .array(tally.places.map(sideJSON))),
            ])
    }

    private func fieldJSON(_ sources: [Source], _ counts: [Int]) -> JSONValue {
        .array(zip(sources, counts).map { ["source": .string($0.text), "customers": .count($1)] })
    }

    private func sideJSON(_ place: PreviewTally.Place, _ crowd: PreviewTally.Crowd) -> JSONValue {
        [
            "side": .string(place.side.rawValue), "reason": .string(place.reason.rawValue),
            "requests": .count(crowd.requests), "refused": .count(crowd.refused),
        ]
    }
}
