import SignetRouting

/// What to look at after a step, for stderr.
struct MigrateStepCommandAdvice {
    let plan: MigrateStepCommandPlan
    let direction: MigrateStepCommandPlan.Direction

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
