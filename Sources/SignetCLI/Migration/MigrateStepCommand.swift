import SignetIdentity
import SignetJOSE
import SignetRouting

/// `signet migrate advance` and `signet migrate back`: one step of a migration, in the configuration's file.
enum MigrateStepCommand {
    typealias Plan = MigrationStep

    static let advance = declaration(
        .advance, "takes a migration one step further, in the configuration's file",
        discussion: [
            "Without flags: the next of off, shadow, live, rampdown, complete; in live below 100 % the next of 1, 5, 25, 50",
            "and 100 %. --percent alone goes to live with that share, or changes the share.",
        ],
        examples: [
            "signet migrate advance help", "signet migrate advance help --percent 12.5",
            "signet migrate advance help --stage rampdown --dry-run",
        ])

    static let back = declaration(
        .back, "takes a migration one step back, in the configuration's file",
        discussion: [
            "Without flags: in live the next lower of 100, 50, 25, 5 and 1 %, then shadow, then off; from complete to rampdown,",
            "and from rampdown to live with the share that stands there. --percent alone lowers the share.",
        ],
        examples: ["signet migrate back help", "signet migrate back help --stage off --force"])

    private static func declaration(
        _ direction: Plan.Direction, _ summary: String, discussion: [String], examples: [String]
    ) -> CommandDeclaration {
        CommandDeclaration(
            path: ["migrate", direction.rawValue], summary: summary,
            usages: ["ROUTE [--stage STAGE] [--percent P] [--force] [--dry-run] [--output json]"],
            discussion: discussion + [
                "Only the bytes of \"stage\" and \"percent\" change. The file is replaced in one step, and a gateway that serves",
                "takes it over within a second.",
            ],
            operands: [Operand(name: "ROUTE", summary: "A route that says \"migrate\".", completion: .names(.routes))],
            flags: [
                .config,
                .valued(
                    "--stage", "STAGE", "The stage to go to.", completion: .words(Plan.Stage.allCases.map(\.rawValue))),
                .valued("--percent", "P", "The share in live, 0 to 100 with at most three decimals; written as given."),
                .toggle("--force", "Skips stages."),
                .dryRun, .output,
            ],
            exits: [(.wrongUse, "wrong use or configuration, a step the other way or over a stage, or an end")],
            examples: examples,
            run: { invocation throws(CommandFailure) in try run(invocation, direction) })
    }

    private static func run(
        _ invocation: Invocation, _ direction: Plan.Direction
    ) throws(CommandFailure) -> ExitStatus {
        let isJSON = try invocation.wantsJSON()
        let route = try invocation.requiredOperand(0, "ROUTE")
        let request = try request(invocation, direction)
        let edit = try invocation.editConfiguration { configuration, text throws(CommandFailure) in
            try step(route, request, configuration, &text)
        }
        let plan = edit.plan
        let line = "\(route): \(plan.was.text) -> \(plan.becomes.text)"
        if isJSON {
            try Output.json(json(edit))
        } else if edit.isDryRun {
            Output.note("signet: \(line), if this were written")
            try Output.bytes(edit.difference)
        } else {
            try Output.result(line)
        }
        for advice in StepAdvice(plan: plan, direction: direction).lines { Output.note(advice) }
        return .done
    }

    private static func request(
        _ invocation: Invocation, _ direction: Plan.Direction
    ) throws(CommandFailure) -> Plan.Request {
        let stage = try invocation.choice("--stage", of: Plan.Stage.allCases.map(\.rawValue))
        let percent = invocation.value("--percent")
        if let percent, Percentage(percent) == nil {
            throw CommandFailure(
                .wrongUse, "--percent wants a number from 0 to 100 with at most three decimals",
                hint: "--percent 12.5")
        }
        return Plan.Request(
            direction: direction, stage: stage.flatMap(Plan.Stage.init), percent: percent,
            isForced: invocation.has("--force"))
    }

    // MARK: The step

    private static func step(
        _ route: String, _ request: Plan.Request, _ configuration: Configuration, _ text: inout ConfigurationText
    ) throws(CommandFailure) -> Plan {
        let path = ["routes", route, "migrate"]
        guard let node = text.node(at: ["routes", route]) else {
            let names = configuration.routes.routes.map(\.name)
            throw CommandFailure(
                .wrongUse, "no route \(UnknownName.quoted(route))", hint: NearestName.hint(for: route, among: names))
        }
        guard node.member("migrate") != nil else {
            throw CommandFailure(
                .wrongUse, "the route \(route) is not in a migration: it says no \"migrate\"",
                hint: "\"migrate\": { \"from\": …, \"to\": …, \"stage\": \"off\" } in the place of the rest starts one")
        }
        let stage = text.node(at: path + ["stage"])?.string.flatMap(Plan.Stage.init) ?? .off
        let percent = text.text(at: path + ["percent"])
        let plan = try Plan(route, from: Plan.Position(stage: stage, percent: percent ?? "0"), request)
        try reporting {
            if plan.becomes.stage != stage {
                try text.replace(path + ["stage"], with: "\"\(plan.becomes.stage.rawValue)\"")
            }
            guard plan.becomes.percent != plan.was.percent else { return }
            if percent == nil {
                try text.insertMember("percent", plan.becomes.percent, .after("stage"), in: path)
            } else {
                try text.replace(path + ["percent"], with: plan.becomes.percent)
            }
        }
        return plan
    }

    private static func json(_ edit: ConfigurationEdit<Plan>) -> JSONValue {
        .object(
            [
                JSONMember("route", .string(edit.plan.route)), JSONMember("was", json(edit.plan.was)),
                JSONMember("is", json(edit.plan.becomes)),
            ] + edit.members)
    }

    private static func json(_ position: Plan.Position) -> JSONValue {
        [
            "stage": .string(position.stage.rawValue),
            "percent": position.percentJSON,
        ]
    }
}

/// What to look at after a step, for stderr.
struct StepAdvice {
    let plan: MigrationStep
    let direction: MigrationStep.Direction

    var lines: [String] {
        warnings.map { "signet: warning: \($0)" } + ["signet: next: \(next)"]
    }

    private var warnings: [String] {
        let (was, becomes) = (plan.was, plan.becomes)
        if becomes.stage >= .rampdown && was.stage <= .live && direction == .advance {
            let share = was.stage == .live ? "only \(was.percent) % were" : "nobody was"
            let jump =
                becomes.stage == .rampdown
                ? "rampdown sends every new conversation there at once" : "complete sends everybody there at once"
            let isAll = was.stage == .live && was.thousandths == 100_000
            let cut = "conversations that go on at the old side are cut off: rampdown is what lets them end"
            return (isAll ? [] : ["\(share) on the new side: \(jump)"]) + (becomes.stage == .complete ? [cut] : [])
        }
        if becomes.stage == .live && was.stage > becomes.stage && becomes.thousandths < 100_000 {
            return ["the percentage is \(becomes.percent) %: everybody beyond it gets the old side again"]
        }
        return []
    }

    private var next: String {
        let route = plan.route
        switch (direction, plan.becomes.stage) {
        case (.advance, .shadow):
            return
                "leave it there for a working day: signet_migration_shadow_total{route=\"\(route)\"} in /metrics tells whom "
                + "the new side could not sign for, and why"
        case (.advance, .live):
            return "look at signet migrate report \(route) AUDITFILE and at the new vendor's desk before you advance"
        case (.advance, .rampdown):
            return "wait until no conversation goes on at the old vendor, then signet migrate advance \(route)"
        case (.advance, .complete):
            return "\"connection\" can take the place of \"migrate\"; then the old connection and its key can go"
        case (.back, .off), (.back, .shadow):
            return "everybody gets the old side; signet migrate report \(route) AUDITFILE shows what went wrong"
        default:
            return "signet migrate status \(route) shows where it stands; look at both vendors' desks"
        }
    }
}
