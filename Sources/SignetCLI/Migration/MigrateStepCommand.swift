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
            try take(request, on: route, configuration, &text)
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
        let advice = StepAdvice(step: step, direction: direction)
        for warning in advice.warnings { Output.warning(warning) }
        Output.note("signet: next: \(advice.next)")
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
        _ request: MigrationStep.Request, on route: String, _ configuration: Configuration,
        _ text: inout ConfigurationText
    ) throws(CommandFailure) -> MigrationStep {
        _ = try MigratingRoute.named(route, in: configuration)
        let path = ["routes", route, "migrate"]
        let stage = text.node(at: path + ["stage"])?.string.flatMap(MigrationStep.Stage.init) ?? .off
        let percent = text.text(at: path + ["percent"])
        let step = try MigrationStep(
            route, from: MigrationStep.Position(stage: stage, percent: percent ?? "0"), request)
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
}

/// Warnings and the next task after a step.
private struct StepAdvice {
    let step: MigrationStep
    let direction: MigrationStep.Direction

    var warnings: [String] {
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

    var next: String {
        let route = step.route
        switch (direction, step.becomes.stage) {
        case (.advance, .shadow):
            return
                "wait for a working day: signet_migration_shadow_total{route=\"\(route)\"} in /metrics counts the identities that "
                + "the new connection could not sign, with the reason"
        case (.advance, .live):
            return
                "before you advance, check signet migrate report \(route) AUDITFILE and ask the agents at the new vendor"
        case (.advance, .rampdown):
            return "wait until no conversation goes on at the old vendor, then run signet migrate advance \(route)"
        case (.advance, .complete):
            return "replace \"migrate\" in the route by \"connection\", then remove the old connection and its key"
        case (.back, .off), (.back, .shadow):
            return "everybody gets the old connection; signet migrate report \(route) AUDITFILE shows what went wrong"
        default:
            return "check signet migrate status \(route), and ask the agents at both vendors"
        }
    }
}
