import SignetIdentity

/// One rung of a move: its stage, and in `live` the percentage. Up and down lead over the same rungs.
public struct MigrationStep: Sendable, Hashable {
    /// How far the move is.
    public let stage: Migration.Stage
    /// The share at the new connection; counts, and is there, in ``Migration/Stage/live`` alone.
    public let percent: Percentage?

    /// The shares that one goes up by in ``Migration/Stage/live``: each shows what the one before was too small to show.
    public static let ladder = ["1", "5", "25", "50", "100"].compactMap { Percentage($0) }

    /// A step; a percentage is kept where it counts.
    public init(_ stage: Migration.Stage, percent: Percentage? = nil) {
        self.stage = stage
        self.percent = stage == .live ? percent ?? Percentage.none : nil
    }

    /// The step after this one: the next share of the ladder, or the next stage. None after `complete`.
    public var next: MigrationStep? {
        switch stage {
        case .off: MigrationStep(.shadow)
        case .shadow: MigrationStep(.live, percent: Self.ladder.first)
        case .live:
            Self.ladder.first { $0 > percent ?? Percentage.none }.map { MigrationStep(.live, percent: $0) }
                ?? MigrationStep(.rampdown)
        case .rampdown: MigrationStep(.complete)
        case .complete: nil
        }
    }

    /// The step before this one. None before `off`.
    public var previous: MigrationStep? {
        switch stage {
        case .off: nil
        case .shadow: MigrationStep(.off)
        case .live:
            Self.ladder.last { $0 < percent ?? Percentage.none }.map { MigrationStep(.live, percent: $0) }
                ?? MigrationStep(.shadow)
        case .rampdown: MigrationStep(.live, percent: .all)
        case .complete: MigrationStep(.rampdown)
        }
    }

    /// `shadow`, or `live at 12.5 %`.
    public var text: String {
        percent.map { "\(stage.rawValue) at \($0.text) %" } ?? stage.rawValue
    }
}

extension Migration {
    /// Where the move stands.
    public var step: MigrationStep { MigrationStep(stage, percent: percent) }
}
