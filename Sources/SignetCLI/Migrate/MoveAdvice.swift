import SignetConfiguration
import SignetIdentity
import SignetRouting

/// What to look at before the next step of a move, and the commands that go on and back.
struct MoveAdvice {
    typealias Plan = MigrateStepCommandPlan

    /// A command and where it leads.
    struct Way {
        let position: Plan.Position
        let command: String
    }

    let route: MovingRoute
    /// What the commands have to be told of the configuration: nothing, or ` -c FILE`.
    let configuration: String

    /// Where the move stands.
    var position: Plan.Position {
        Plan.Position(stage: route.migration.stage, percent: route.migration.percent.text)
    }

    /// The next step; none from `complete`.
    var next: Way? { way(.advance) }
    /// The step back; none from `off`.
    var back: Way? { way(.back) }

    /// Everybody back to the old connection, conversations or not; nothing where that is one step anyway.
    var stop: String? {
        position.stage > .shadow ? "signet migrate back \(route.name) --stage off --force\(configuration)" : nil
    }

    private func way(_ direction: Plan.Direction) -> Way? {
        let request = Plan.Request(direction: direction, stage: nil, percent: nil, isForced: false)
        let plan = try? Plan(route.name, from: position, request)
        return plan.map { plan in
            Way(
                position: plan.becomes,
                command: "signet migrate \(direction.rawValue) \(route.name)\(configuration)")
        }
    }

    /// What has to hold before the next step.
    var checks: [String] {
        let (name, old, new) = (route.name, route.from.name, route.to.name)
        let preview = "signet migrate preview \(name) --identities FILE\(configuration)"
        let report = "signet migrate report \(name) AUDITFILE…"
        switch position.stage {
        case .off:
            return [
                "signet check\(configuration) passes, and \(route.to.vendor)'s console has the key of \(new)",
                "\(preview) ends with 0, and tells what \(new) gets to see",
            ]
        case .shadow:
            return [
                "signet_migration_shadow_total has had no error as result for a day",
                "the page can load \(route.to.vendor)'s widget as well",
            ]
        case .live:
            return [
                "\(report) shows no fallback, and nobody moved back",
                "signet_migration_errors_total has no code on side \"to\" that \"from\" has not",
                "\(route.to.vendor)'s own desk shows who the customers are",
            ]
        case .rampdown:
            return ["\(report) shows no \"ongoing\" on side \"from\" for a day: conversations at \(old) have ended"]
        case .complete:
            return [
                "\(report) shows nobody on side \"from\" for a day",
                "then the route says \"connection\": \"\(new)\" in the place of \"migrate\"",
                "then \(old) and its keys go, here and at \(route.from.vendor)",
            ]
        }
    }
}
