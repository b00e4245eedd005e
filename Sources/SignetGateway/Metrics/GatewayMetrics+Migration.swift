import SignetJOSE
import SignetRouting
import SignetSystem

extension GatewayMetrics {
    /// These moves there are, and no others.
    func migrations(_ table: RouteTable) {
        let moving = table.routes.filter { $0.migration != nil }
        state.withLock { $0.migrations = moving }
    }

    /// A request belongs to a side, and why.
    func migrationAssigned(route: String, _ decision: Migration.Decision) {
        count { stripe in
            let values = [route, decision.cohort ?? "", decision.side.rawValue, decision.reason.rawValue]
            stripe.migrations.assigned[values, default: 0] &+= 1
        }
    }

    /// A side has answered, or failed.
    ///
    /// - Parameter code: The problem's code; nil for an answer.
    func migrationAnswered(route: String, _ decision: Migration.Decision, code: String?, nanoseconds: UInt64) {
        count { stripe in
            stripe.migrations.note(route, decision, code)
            stripe.migrations.time(route, decision, decision.side, nanoseconds)
        }
    }

    /// The new side was rehearsed, or left out.
    ///
    /// - Parameter nanoseconds: How long that took; nil for what was left out.
    func migrationRehearsed(
        route: String, _ decision: Migration.Decision, result: String, nanoseconds: UInt64? = nil
    ) {
        count { stripe in
            stripe.migrations.rehearsed[[route, decision.cohort ?? "", result], default: 0] &+= 1
            if let nanoseconds { stripe.migrations.time(route, decision, .to, nanoseconds) }
        }
    }
}

extension MigrationCounts {
    fileprivate mutating func note(_ route: String, _ decision: Migration.Decision, _ code: String?) {
        guard let code else { return }
        faults[[route, decision.cohort ?? "", decision.side.rawValue, code], default: 0] &+= 1
    }

    fileprivate mutating func time(
        _ route: String, _ decision: Migration.Decision, _ side: Migration.Side, _ nanoseconds: UInt64
    ) {
        durations[[route, decision.cohort ?? "", side.rawValue], default: .migration].observe(nanoseconds)
    }
}
