import SignetIdentity
import SignetRouting

/// What to look at before the next step of a move, and the commands that go on and back.
struct MoveAdvice {
    let route: MovingRoute
    /// What the commands have to be told of the configuration: nothing, or ` -c FILE`.
    let configuration: String

    private var migration: Migration { route.migration }

    /// What has to hold before the next step.
    var checks: [String] {
        let (name, old, new) = (route.name, route.from.name, route.to.name)
        let preview = "signet migrate preview \(name) --identities FILE\(configuration) ends with 0"
        let report = "signet migrate report \(name) AUDITFILE…"
        switch migration.stage {
        case .off:
            return [
                preview, "signet check\(configuration) passes, and \(route.to.vendor)'s console has the key of \(new)",
            ]
        case .shadow:
            return [
                "the shadow errors in /metrics have not gone up for a day",
                "\(preview): who cannot be served would fall back",
                "the page can load the widgets of both vendors",
            ]
        case .live:
            let report = "\(report) shows no fallbacks, and nobody who moved back"
            let load = "the errors and the time of \(new) in /metrics are what they were, at the share it has now"
            return [report, load]
        case .rampdown:
            return ["\(report) shows no more \"ongoing\" on side \"from\": conversations at \(old) have ended"]
        case .complete:
            return [
                "nobody asks for \(old) any more: no other route leads there",
                "then the route says \"connection\": \"\(new)\" in the place of \"migrate\"",
                "then \(old) and its keys are retired, here and at \(route.from.vendor)",
            ]
        }
    }

    /// The next step and its command.
    var next: (step: MigrationStep, command: String)? {
        migration.step.next.map { ($0, "signet migrate advance \(route.name)\(configuration)") }
    }

    /// The step back and its command.
    var back: (step: MigrationStep, command: String)? {
        migration.step.previous.map { ($0, "signet migrate back \(route.name)\(configuration)") }
    }
}
