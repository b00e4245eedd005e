import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet migrate preview`: shows the effect of a migration on a list of identities before it begins.
enum MigratePreviewCommand {
    static let declaration = CommandDeclaration(
        path: ["migrate", "preview"],
        summary: "counts which identities the new connection can serve, what it receives, and who would get it",
        usages: ["ROUTE --identities FILE|- [--percent P] [--output json]"],
        discussion: [
            "Reads one identity per line (NDJSON), as sign --batch does, and prepares each for the new connection as the gateway",
            "would, for Pega the contents of both calls. Nothing is signed, and no vendor is called.",
            "The result counts the identities that the new connection cannot serve, by reason; the fields that only one of the",
            "two vendors receives; and the identities on each side in \"live\", at the route's percentage or at P. Cohorts keep",
            "their own percentage. Every vendor serves anonymous visitors. Memory does not grow with the number of lines.",
        ],
        operands: [
            .route
        ],
        flags: [
            .config,
            .valued("--identities", "FILE|-", "The identities, one per line.", completion: .file),
            .valued("--percent", "P", "The percentage to count for, 0 to 100. Default: the route's."),
            .output,
        ],
        exits: [
            (.done, "the new connection can serve every line"),
            (.no, "it cannot serve a line, a line is not an identity, or the input is empty"),
        ],
        security: ["The result holds line numbers and field names, but no value of a customer."],
        examples: [
            "signet migrate preview help --identities customers.ndjson --percent 5",
            "zcat customers.ndjson.gz | signet migrate preview help --identities - --output json",
        ],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let name = try invocation.requiredOperand(0, "ROUTE")
        let isJSON = try invocation.wantsJSON()
        let percent = try invocation.percent()?.value
        guard let path = try invocation.file("--identities") else {
            throw CommandFailure(
                .wrongUse, "--identities is missing",
                hint: "--identities FILE with one identity per line, or - for stdin")
        }
        try invocation.refuseStandardInputTwice([path, invocation.configurationPath])
        let configuration = try invocation.configuration(.of(name))
        let route = try MigratingRoute.named(name, in: configuration)
        let run = try PreviewRun(route, configuration, percent: percent)
        let report = PreviewReport(run: run, tally: try run.tally(of: path))
        try Output.report(asJSON: isJSON, report.json, text: report.text)
        if report.tally.lines == 0 { IdentityLine.reportNone(in: path) }
        return report.tally.isClean ? .done : .no
    }
}

/// The result of a preview, for people and for programs. It holds counts, names of the configuration and line numbers, nothing else.
private struct PreviewReport {
    let run: PreviewRun
    let tally: PreviewTally

    private var old: String { run.route.from.name }
    private var new: String { run.route.to.name }

    // MARK: For people

    var text: String {
        [
            "\(run.route.title)\n", counts,
            section("\(new) cannot serve:", tally.refusals.rows), section("Not an identity:", tally.malformed.rows),
            section(
                "Only \(old) receives, for so many customers:", fieldRows(run.comparison.lost, tally.fields.lost)),
            section(
                "Only \(new) receives, for so many customers:", fieldRows(run.comparison.gained, tally.fields.gained)),
            section("In \"live\" at \(run.percent.text) %:", placeRows),
        ].joined()
    }

    private var counts: String {
        TextTable(
            indent: "  ",
            rows: [
                [.number(tally.lines), "lines"], [.number(tally.customers), "customers"],
                [.number(tally.anonymous), "anonymous visitors"], [.number(tally.malformed.count), "not an identity"],
                [.number(tally.served), .text("can be served by \(new)")],
                [.number(tally.refusals.count), .text("cannot be served by \(new)")],
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
        tally.places.map { place, counts in
            let refused = counts.refused == 0 ? "" : "\(new) cannot serve \(counts.refused) of them"
            return [
                .number(counts.requests), .text("\"\(place.side.rawValue)\""), .text(place.reason.rawValue),
                .text(refused),
            ]
        }
    }

    // MARK: For programs

    var json: JSONValue {
        .object(
            run.route.members + [
                JSONMember("lines", .count(tally.lines)), JSONMember("customers", .count(tally.customers)),
                JSONMember("anonymous", .count(tally.anonymous)),
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

    private func sideJSON(_ place: PreviewTally.Place, _ counts: PreviewTally.PlaceCounts) -> JSONValue {
        [
            "side": .string(place.side.rawValue), "reason": .string(place.reason.rawValue),
            "requests": .count(counts.requests), "refused": .count(counts.refused),
        ]
    }
}
