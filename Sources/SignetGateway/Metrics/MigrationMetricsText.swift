import SignetIdentity
import SignetRouting

/// The metrics of moves, all called `signet_migration_…`, each by route and cohort.
enum MigrationMetricsText {
    static func write(_ counts: MigrationCounts, _ routes: [Route], to text: inout PrometheusText) {
        guard !routes.isEmpty || !counts.assigned.isEmpty else { return }
        write(stagesOf: routes, to: &text)
        text.family("signet_migration_assigned_total", .counter, "Requests by the side they were on, and why.")
        let assigned = counts.assigned.sorted {
            ($0.key.route, $0.key.cohort, $0.key.side, $0.key.reason)
                < ($1.key.route, $1.key.cohort, $1.key.side, $1.key.reason)
        }
        for (key, count) in assigned {
            text.sample(
                "signet_migration_assigned_total",
                [("route", key.route), ("cohort", key.cohort), ("side", key.side), ("reason", key.reason)], count)
        }
        text.family(
            "signet_migration_shadow_total", .counter,
            "Rehearsals for the new connection: consistent, inconsistent, skipped, or why it cannot sign.")
        let rehearsed = counts.rehearsed.sorted {
            ($0.key.route, $0.key.cohort, $0.key.result) < ($1.key.route, $1.key.cohort, $1.key.result)
        }
        for (key, count) in rehearsed {
            text.sample(
                "signet_migration_shadow_total",
                [("route", key.route), ("cohort", key.cohort), ("result", key.result)], count)
        }
        write(sidesOf: counts, to: &text)
    }

    private static func write(sidesOf counts: MigrationCounts, to text: inout PrometheusText) {
        text.family(
            "signet_migration_errors_total", .counter,
            "Requests that a side could not answer; those of \"to\" in stage live were answered by \"from\".")
        let faults = counts.faults.sorted {
            ($0.key.route, $0.key.cohort, $0.key.side, $0.key.code)
                < ($1.key.route, $1.key.cohort, $1.key.side, $1.key.code)
        }
        for (key, count) in faults {
            text.sample(
                "signet_migration_errors_total",
                [("route", key.route), ("cohort", key.cohort), ("side", key.side), ("code", key.code)], count)
        }
        text.family(
            "signet_migration_duration_seconds", .histogram,
            "How long a side took: signing, its vendor's calls, and in stage shadow the rehearsal.")
        let durations = counts.durations.sorted {
            ($0.key.route, $0.key.cohort, $0.key.side) < ($1.key.route, $1.key.cohort, $1.key.side)
        }
        for (key, histogram) in durations {
            text.samples(
                "signet_migration_duration_seconds",
                [("route", key.route), ("cohort", key.cohort), ("side", key.side)], histogram)
        }
    }

    private static func write(stagesOf routes: [Route], to text: inout PrometheusText) {
        text.family("signet_migration_stage", .gauge, "1 for the stage that a move is at.")
        for route in routes {
            for stage in Migration.Stage.allCases {
                text.sample(
                    "signet_migration_stage", [("route", route.name), ("stage", stage.rawValue)],
                    stage == route.migration?.stage ? 1 : 0)
            }
        }
        text.family(
            "signet_migration_thousandths", .gauge,
            "The share of a route or cohort in thousandths of a percent, as far as the stage lets it count.")
        for route in routes {
            guard let migration = route.migration else { continue }
            for (cohort, percent) in [("", migration.percent)] + migration.cohorts.map({ ($0.name, $0.percent) }) {
                text.sample(
                    "signet_migration_thousandths", [("route", route.name), ("cohort", cohort)],
                    migration.effective(percent).thousandths)
            }
        }
    }
}

extension Migration {
    /// The share that a percentage comes to at this stage.
    fileprivate func effective(_ percent: Percentage) -> Percentage {
        switch stage {
        case .off, .shadow: .none
        case .live: percent
        case .rampdown, .complete: .all
        }
    }
}
