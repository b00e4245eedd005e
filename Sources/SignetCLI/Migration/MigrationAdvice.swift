import SignetConfiguration
import SignetIdentity
import SignetRouting

/// The checks before the next step of a migration, and the commands for a step forward and back.
struct MigrationAdvice {
    /// A command and the position it leads to.
    struct Way {
        let position: MigrationStep.Position
        let command: String
    }

    let route: MigratingRoute
    let invocation: Invocation

    /// The current stage and percentage.
    var position: MigrationStep.Position {
        MigrationStep.Position(stage: route.migration.stage, percent: route.migration.percent.text)
    }

    /// The next step; none from `complete`.
    var next: Way? { way(.advance) }
    /// The step back; none from `off`.
    var back: Way? { way(.back) }

    /// What the checks are: `check`, or `to finish` after the last step.
    var checksTitle: String { next == nil ? "to finish" : "check" }

    /// The command that sends everybody back to the old connection at once. Nil if that is one step anyway.
    var stop: String? {
        position.stage > .shadow ? invocation.command("migrate back \(route.name) --stage off --force") : nil
    }

    private func way(_ direction: MigrationStep.Direction) -> Way? {
        let request = MigrationStep.Request(direction: direction, stage: nil, percent: nil, isForced: false)
        let step = try? MigrationStep(route.name, from: position, request, invocation)
        return step.map { step in
            Way(
                position: step.becomes,
                command: invocation.command("migrate \(direction.rawValue) \(route.name)"))
        }
    }

    /// The conditions for the next step, or what is left to do after the last one.
    var checks: [String] {
        let (name, old, new) = (route.name, route.from.name, route.to.name)
        let (oldVendor, newVendor) = (title(of: route.from), title(of: route.to))
        let preview = invocation.command("migrate preview \(name) --identities FILE")
        let report = "signet migrate report \(name) AUDITFILE…"
        switch position.stage {
        case .off:
            return [
                "\(invocation.command("check")) passes, and \(newVendor)'s console has the key of \(new)",
                "\(preview) ends with status 0 and shows what \(new) receives",
            ]
        case .shadow:
            return [
                "signet_migration_shadow_total shows no error for a day",
                "the page can load \(newVendor)'s widget too",
            ]
        case .live:
            return [
                "\(report) shows no fallback, and no customer who moved back",
                "signet_migration_errors_total has no code on side \"to\" that side \"from\" does not have",
                "\(newVendor)'s agents see who the customers are",
            ]
        case .rampdown:
            return ["\(report) shows no \"ongoing\" on side \"from\" for a day: no conversation at \(old) goes on"]
        case .complete:
            return [
                "\(report) shows nobody on side \"from\" for a day",
                "replace \"migrate\" in the route by \"connection\": \"\(new)\"",
                "remove \(old) and its keys, here and at \(oldVendor)",
            ]
        }
    }

    /// The vendor's name for people.
    private func title(of connection: Configuration.ConnectionEntry) -> String {
        invocation.vendor(of: connection)?.title ?? connection.vendor
    }
}
