import SignetIdentity
import SignetJOSE
import SignetRouting

/// Where a migration stands, and where a step of `advance` or `back` takes it.
struct MigrationStep {
    typealias Stage = Migration.Stage

    /// The direction of a step.
    enum Direction: String {
        case advance, back

        var other: Direction { self == .advance ? .back : .advance }
        /// The difference that one step makes to a stage's index.
        var stride: Int { self == .advance ? 1 : -1 }
    }

    /// A stage and a percentage as it is written.
    struct Position: Equatable {
        let stage: Stage
        let percent: String

        /// `live 12.5 %`; in other stages the percentage decides nothing.
        var text: String { stage == .live ? "live \(percent) %" : stage.rawValue }
        /// For programs. A percentage that does not count would be taken for one that does.
        var percentJSON: JSONValue { stage == .live ? .number(JSONNumber(validated: percent)) : .null }
        var thousandths: UInt64 { Percentage(percent)?.thousandths ?? 0 }
    }

    /// What was asked for.
    struct Request {
        let direction: Direction
        let stage: Stage?
        let percent: String?
        let isForced: Bool
    }

    /// The percentages that steps without `--percent` take.
    static let ladder = ["1", "5", "25", "50", "100"]

    let route: String
    let was: Position
    let becomes: Position

    /// Decides on a step.
    ///
    /// - Throws: ``CommandFailure`` for a step the other way, one that skips a stage without `--force`, and one from an end.
    init(_ route: String, from was: Position, _ request: Request) throws(CommandFailure) {
        self.route = route
        self.was = was
        becomes = try Self.target(from: was, request, route)
        try check(request)
    }

    private static func target(
        from was: Position, _ request: Request, _ route: String
    ) throws(CommandFailure) -> Position {
        if let percent = request.percent {
            let stage = request.stage ?? .live
            guard stage == .live else {
                throw CommandFailure(
                    .wrongUse, "--percent is for the stage live, and this is \(stage.rawValue)", hint: "leave it out")
            }
            return Position(stage: .live, percent: percent)
        }
        if let stage = request.stage { return at(stage, from: was, request.direction) }
        if was.stage == .live, let next = rung(from: was, request.direction) {
            return Position(stage: .live, percent: next)
        }
        let index = was.stage.index + request.direction.stride
        guard Stage.allCases.indices.contains(index) else {
            throw CommandFailure(
                .wrongUse, "\(route) is at \(was.stage.rawValue) already: there is nothing further",
                hint: "signet migrate \(request.direction.other.rawValue) \(route) goes the other way")
        }
        return at(Stage.allCases[index], from: was, request.direction)
    }

    /// A stage with the percentage that it starts with: forward the first of the ladder, backward the one that stands.
    private static func at(_ stage: Stage, from was: Position, _ direction: Direction) -> Position {
        let starts = stage == .live && was.stage != .live && direction == .advance
        return Position(stage: stage, percent: starts ? ladder[0] : was.percent)
    }

    private static func rung(from was: Position, _ direction: Direction) -> String? {
        let rungs = ladder.map { Position(stage: .live, percent: $0) }
        return direction == .advance
            ? rungs.first { $0.thousandths > was.thousandths }?.percent
            : rungs.last { $0.thousandths < was.thousandths }?.percent
    }

    // MARK: What is refused

    private func check(_ request: Request) throws(CommandFailure) {
        let direction = request.direction
        guard distance != 0 else {
            throw CommandFailure(.wrongUse, "\(route) is at \(was.text) already")
        }
        guard distance.signum() == direction.stride else {
            throw CommandFailure(
                .wrongUse, "from \(was.text) to \(becomes.text) is no step \(Self.word(direction))",
                hint: "signet migrate \(direction.other.rawValue) \(route) \(arguments(of: request)) goes there")
        }
        guard !skips || request.isForced else {
            let skipped = Stage.allCases[was.stage.index + direction.stride].rawValue
            throw CommandFailure(
                .wrongUse, "from \(was.text) to \(becomes.text) skips the stage \(skipped)",
                hint:
                    "signet migrate \(direction.rawValue) \(route) --stage \(skipped) goes there first; --force skips it"
            )
        }
    }

    /// Whether there is a stage in between.
    private var skips: Bool { abs(becomes.stage.index - was.stage.index) > 1 }

    /// How far the step goes, forward or backward; 0 for none.
    private var distance: Int {
        if was.stage != becomes.stage { return becomes.stage.index - was.stage.index }
        guard was.stage == .live else { return 0 }
        return (becomes.thousandths > was.thousandths ? 1 : 0) - (becomes.thousandths < was.thousandths ? 1 : 0)
    }

    private func arguments(of request: Request) -> String {
        (request.percent.map { "--percent \($0)" } ?? "--stage \(becomes.stage.rawValue)") + (skips ? " --force" : "")
    }

    private static func word(_ direction: Direction) -> String {
        direction == .advance ? "forward" : "back"
    }
}
