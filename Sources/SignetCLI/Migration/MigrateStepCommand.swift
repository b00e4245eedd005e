import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting

/// `signet migrate advance` and `signet migrate back`: one step of a migration, written to the configuration's file.
enum MigrateStepCommand {
    static let advance = declaration(
        .advance, "takes a migration one step forward, in the configuration's file",
        discussion: [
            "Without flags: the next stage of off, shadow, live, rampdown, complete; in live below 100 % the next percentage of",
            "1, 5, 25, 50 and 100. With only --percent: to live with this percentage, or to a higher percentage.",
        ],
        examples: [
            "signet migrate advance help", "signet migrate advance help --percent 12.5",
            "signet migrate advance help --stage rampdown --dry-run",
        ])

    static let back = declaration(
        .back, "takes a migration one step back, in the configuration's file",
        discussion: [
            "Without flags: in live the next lower percentage of 100, 50, 25, 5 and 1, then shadow, then off; from complete to",
            "rampdown; from rampdown to live with the percentage in the file. With only --percent: to a lower percentage.",
        ],
        examples: ["signet migrate back help", "signet migrate back help --stage off --force"])

    private static func declaration(
        _ direction: MigrationStep.Direction, _ summary: String, discussion: [String], examples: [String]
    ) -> CommandDeclaration {
        CommandDeclaration(
            path: ["migrate", direction.rawValue], summary: summary,
            usages: ["ROUTE [--stage STAGE] [--percent P] [--force] [--dry-run] [--output json]"],
            discussion: discussion + [
                "Only the bytes of \"stage\" and \"percent\" change. The file is replaced in one step, and a running gateway uses it",
                "within a second.",
            ],
            operands: [.route],
            flags: [
                .config,
                .valued(
                    "--stage", "STAGE", "The stage to go to.",
                    completion: .words(MigrationStep.Stage.allCases.map(\.rawValue))),
                .valued("--percent", "P", "The percentage in live, 0 to 100 with at most three decimals."),
                .toggle("--force", "Skips stages."),
                .dryRun, .output,
            ],
            exits: [(.wrongUse, "wrong use or configuration, or a step that is not possible")],
            examples: examples,
            run: { invocation throws(CommandFailure) in try run(invocation, direction) })
    }

    private static func run(
        _ invocation: Invocation, _ direction: MigrationStep.Direction
    ) throws(CommandFailure) -> ExitStatus {
        let isJSON = try invocation.wantsJSON()
        let route = try invocation.requiredOperand(0, "ROUTE")
        let request = try request(invocation, direction)
        let edit = try invocation.editConfiguration { configuration, text throws(CommandFailure) in
            try take(request, on: route, configuration, invocation, &text)
        }
        let step = edit.plan
        let line = "\(route): \(step.was.text) -> \(step.becomes.text)"
        if edit.isDryRun, !isJSON { Output.note("signet: without --dry-run: \(line)") }
        try edit.printResult(
            asJSON: isJSON,
            [
                JSONMember("route", .string(route)), JSONMember("was", json(step.was)),
                JSONMember("is", json(step.becomes)),
            ], text: line)
        for warning in warnings(of: step, direction) { Output.warning(warning) }
        let advice = MigrationAdvice(
            route: try MigratingRoute.named(route, in: edit.configuration), invocation: invocation)
        for check in advice.checks { Output.note("signet: \(advice.checksTitle): \(check)") }
        if let next = advice.next { Output.note("signet: next: \(next.command)") }
        return .done
    }

    private static func request(
        _ invocation: Invocation, _ direction: MigrationStep.Direction
    ) throws(CommandFailure) -> MigrationStep.Request {
        let stage = try invocation.choice("--stage", of: MigrationStep.Stage.allCases.map(\.rawValue))
        let percent = try invocation.percent()?.text
        return MigrationStep.Request(
            direction: direction, stage: stage.flatMap(MigrationStep.Stage.init), percent: percent,
            isForced: invocation.has("--force"))
    }

    // MARK: The step

    private static func take(
        _ request: MigrationStep.Request, on route: String, _ configuration: Configuration, _ invocation: Invocation,
        _ text: inout ConfigurationText
    ) throws(CommandFailure) -> MigrationStep {
        _ = try MigratingRoute.named(route, in: configuration)
        let path = ["routes", route, "migrate"]
        let stage = text.node(at: path + ["stage"])?.string.flatMap(MigrationStep.Stage.init) ?? .off
        let percent = text.text(at: path + ["percent"])
        let step = try MigrationStep(
            route, from: MigrationStep.Position(stage: stage, percent: percent ?? "0"), request, invocation)
        try reporting {
            if step.becomes.stage != stage {
                try text.replace(path + ["stage"], with: "\"\(step.becomes.stage.rawValue)\"")
            }
            guard step.becomes.percent != step.was.percent else { return }
            if percent == nil {
                try text.insertMember("percent", step.becomes.percent, .after("stage"), in: path)
            } else {
                try text.replace(path + ["percent"], with: step.becomes.percent)
            }
        }
        return step
    }

    private static func json(_ position: MigrationStep.Position) -> JSONValue {
        [
            "stage": .string(position.stage.rawValue),
            "percent": position.percentJSON,
        ]
    }

    /// Effects of a step on many customers.
    private static func warnings(of step: MigrationStep, _ direction: MigrationStep.Direction) -> [String] {
        let (was, becomes) = (step.was, step.becomes)
        if becomes.stage >= .rampdown && was.stage <= .live && direction == .advance {
            let share = was.stage == .live ? "only \(was.percent) % got" : "nobody got"
            let jump =
                becomes.stage == .rampdown
                ? "rampdown sends every new conversation to it at once" : "complete sends everybody to it at once"
            let isAll = was.stage == .live && was.thousandths == 100_000
            let cut = "ongoing conversations at the old connection are cut off; rampdown would let them end"
            return (isAll ? [] : ["\(share) the new connection until now: \(jump)"])
                + (becomes.stage == .complete ? [cut] : [])
        }
        if becomes.stage == .live && was.stage > becomes.stage && becomes.thousandths < 100_000 {
            return ["the percentage is now \(becomes.percent) %: everybody else gets the old connection again"]
        }
        return []
    }
}
