import SignetIdentity
import SignetJOSE
import SignetRouting

/// One step of `migrate advance` or `migrate back`: the position before and after.
struct MigrationStep {
    typealias Stage = Migration.Stage

    /// The direction of a step.
    enum Direction: String {
        case advance, back

        var other: Direction { self == .advance ? .back : .advance }
        /// The difference that one step makes to a stage's index.
        var stride: Int { self == .advance ? 1 : -1 }
    }

    /// A stage, and the percentage as the configuration has it.
    struct Position: Equatable {
        let stage: Stage
        let percent: String

        /// `live 12.5 %`. In other stages the percentage does not count.
        var text: String { stage == .live ? "live \(percent) %" : stage.rawValue }
        /// The percentage for programs; null if it does not count.
        var percentJSON: JSONValue { stage == .live ? .number(JSONNumber(validated: percent)) : .null }
        var thousandths: UInt64 { Percentage(percent)?.thousandths ?? 0 }
    }

    /// The arguments of the command.
    struct Request {
        let direction: Direction
        let stage: Stage?
        let percent: String?
        let isForced: Bool
    }

    /// The percentages of steps without `--percent`.
    static let usualPercentages = ["1", "5", "25", "50", "100"]

    let route: String
    let was: Position
    let becomes: Position

    /// Decides on a step. The call of the command is for the commands in the hints.
    ///
    /// - Throws: ``CommandFailure`` for a step in the other direction, for one that skips a stage without `--force`, and for one
    ///   beyond the first or last stage.
    init(
        _ route: String, from was: Position, _ request: Request, _ invocation: Invocation
    ) throws(CommandFailure) {
        self.route = route
        self.was = was
        becomes = try Self.target(from: was, request, route, invocation)
        try check(request, invocation)
    }

    private static func target(
        from was: Position, _ request: Request, _ route: String, _ invocation: Invocation
    ) throws(CommandFailure) -> Position {
        if let percent = request.percent {
            let stage = request.stage ?? .live
            guard stage == .live else {
                throw CommandFailure(
                    .wrongUse, "--percent is for the stage live, not for \(stage.rawValue)", hint: "leave it out")
            }
            return Position(stage: .live, percent: percent)
        }
        if let stage = request.stage { return at(stage, from: was, request.direction) }
        if was.stage == .live, let next = nextPercentage(from: was, request.direction) {
            return Position(stage: .live, percent: next)
        }
        let index = was.stage.index + request.direction.stride
        guard Stage.allCases.indices.contains(index) else {
            throw CommandFailure(
                .wrongUse,
                "\(route) is already at \(was.stage.rawValue), the \(request.direction == .advance ? "last" : "first") stage",
                hint: "for the other direction: "
                    + invocation.command("migrate \(request.direction.other.rawValue) \(route)"))
        }
        return at(Stage.allCases[index], from: was, request.direction)
    }

    /// A stage with its first percentage: forward the smallest of the usual ones, backward the one in the configuration.
    private static func at(_ stage: Stage, from was: Position, _ direction: Direction) -> Position {
        let starts = stage == .live && was.stage != .live && direction == .advance
        return Position(stage: stage, percent: starts ? usualPercentages[0] : was.percent)
    }

    private static func nextPercentage(from was: Position, _ direction: Direction) -> String? {
        let positions = usualPercentages.map { Position(stage: .live, percent: $0) }
        return direction == .advance
            ? positions.first { $0.thousandths > was.thousandths }?.percent
            : positions.last { $0.thousandths < was.thousandths }?.percent
    }

    // MARK: Refusals

    private func check(_ request: Request, _ invocation: Invocation) throws(CommandFailure) {
        let direction = request.direction
        guard distance != 0 else {
            throw CommandFailure(.wrongUse, "\(route) is already at \(was.text)")
        }
        guard distance.signum() == direction.stride else {
            throw CommandFailure(
                .wrongUse,
                "from \(was.text) to \(becomes.text) is not a step \(direction == .advance ? "forward" : "back")",
                hint: "use "
                    + invocation.command("migrate \(direction.other.rawValue) \(route) \(arguments(of: request))"))
        }
        guard !skips || request.isForced else {
            let skipped = Stage.allCases[was.stage.index + direction.stride].rawValue
            let first = invocation.command("migrate \(direction.rawValue) \(route) --stage \(skipped)")
            throw CommandFailure(
                .wrongUse, "from \(was.text) to \(becomes.text) skips the stage \(skipped)",
                hint: "first use \(first), or skip it with --force")
        }
    }

    /// Whether there is a stage in between.
    private var skips: Bool { abs(becomes.stage.index - was.stage.index) > 1 }

    /// The size of the step: positive forward, negative back, 0 for none.
    private var distance: Int {
        if was.stage != becomes.stage { return becomes.stage.index - was.stage.index }
        guard was.stage == .live else { return 0 }
        return (becomes.thousandths > was.thousandths ? 1 : 0) - (becomes.thousandths < was.thousandths ? 1 : 0)
    }

    private func arguments(of request: Request) -> String {
        (request.percent.map { "--percent \($0)" } ?? "--stage \(becomes.stage.rawValue)") + (skips ? " --force" : "")
    }
}
