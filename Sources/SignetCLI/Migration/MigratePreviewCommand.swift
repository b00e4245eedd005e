import SignetIdentity
import SignetJOSE
import SignetRouting

/// `signet migrate preview`: what a move would bring, for identities as they are, before anybody is moved.
enum MigratePreviewCommand {
    static let declaration = CommandDeclaration(
        path: ["migrate", "preview"],
        summary: "tells of identities who could not be served, what would be sent, and who would move",
        usages: ["ROUTE --identities FILE|- [--percent P] [--output json]"],
        discussion: [
            "Takes one identity a line (NDJSON), as sign --batch does, and puts each before the new connection as the gateway",
            "would: the whole token is made but for an ES256 signature, and for Pega what both calls say. Nobody is called.",
            "The result counts what the new connection cannot serve, by reason; which fields only one of both vendors gets to",
            "see; and who would be on which side in \"live\", at the route's percentage or at P. Cohorts keep their own.",
            "Strangers are served by every vendor. A million lines take seconds, and no more memory than a thousand.",
        ],
        operands: [
            Operand(
                name: "ROUTE", summary: "The route, which is in the middle of a move.", completion: .names(.routes))
        ],
        flags: [
            .config,
            .valued("--identities", "FILE|-", "The identities, one a line.", completion: .file),
            .valued("--percent", "P", "The share to count for, 0 to 100. Default: the route's."),
            .output,
        ],
        exits: [
            (.done, "the new connection can serve every line"),
            (.no, "it cannot serve some, some are no identities, or there is none"),
        ],
        security: ["The result holds numbers of lines and names of fields, and no value of a customer."],
        examples: [
            "signet migrate preview help --identities customers.ndjson --percent 5",
            "zcat customers.ndjson.gz | signet migrate preview help --identities - --output json",
        ],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let name = try invocation.requiredOperand(0, "ROUTE")
        let isJSON = try invocation.wantsJSON()
        let percent = try percent(invocation)
        guard let path = invocation.value("--identities") else {
            throw CommandFailure(
                .wrongUse, "no identities to look at", hint: "--identities FILE, one identity a line, or - for stdin")
        }
        guard !path.hasPrefix("{") else {
            throw CommandFailure(.wrongUse, "--identities wants a file or -, not the JSON itself")
        }
        if path == "-", invocation.configurationPath == "-" {
            throw CommandFailure(.wrongUse, "stdin can be read once")
        }
        let configuration = try invocation.configuration(.of(name))
        let route = try MigratingRoute.named(name, in: configuration)
        let run = try PreviewRun(route, configuration, percent: percent)
        let report = PreviewReport(run: run, tally: try run.tally(of: path))
        try Output.text(isJSON ? JSONWriter.text(of: report.json) + "\n" : report.text)
        if report.tally.lines == 0 {
            Output.note("signet: error: there is no identity in \(path == "-" ? "standard input" : path)")
        }
        return report.tally.isClean ? .done : .no
    }

    private static func percent(_ invocation: Invocation) throws(CommandFailure) -> Percentage? {
        guard let text = invocation.value("--percent") else { return nil }
        guard let percent = Percentage(text) else {
            throw CommandFailure(
                .wrongUse, "--percent wants a percentage", hint: "0 to 100, with at most three decimals: 12.5")
        }
        return percent
    }
}

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
