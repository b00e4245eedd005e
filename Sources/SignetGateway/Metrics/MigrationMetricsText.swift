import SignetIdentity
import SignetRouting

/// The metrics of moves, all called `signet_migration_…`, each by route and cohort.
enum MigrationMetricsText {
    static func write(_ counts: MigrationCounts, _ routes: [Route], to text: inout PrometheusText) {
        guard !routes.isEmpty || !counts.assigned.isEmpty else { return }
        write(stagesOf: routes, to: &text)
        typealias Counts = MigrationCounts
        write(
            "assigned_total", "Requests by the side they were on, answered or not, and why.", Counts.assignedLabels,
            counts.assigned, to: &text)
        write(
            "shadow_total",
            "Rehearsals for the new connection: consistent, inconsistent, skipped, or why it cannot sign.",
            Counts.rehearsedLabels, counts.rehearsed, to: &text)
        write(
            "errors_total", "Requests that a side could not answer; in stage live, from was asked instead of to.",
            Counts.faultLabels, counts.faults, to: &text)
        let name = "signet_migration_duration_seconds"
        text.family(
            name, .histogram, "How long a side took: signing, its vendor's calls, and in stage shadow the rehearsal.")
        for (values, histogram) in counts.durations.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            text.samples(name, pairs(Counts.durationLabels, values), histogram)
        }
    }

    private static func write(
        _ name: String, _ help: String, _ labels: [StaticString], _ counts: [MigrationCounts.Values: UInt64],
        to text: inout PrometheusText
    ) {
        let name = "signet_migration_\(name)"
        text.family(name, .counter, help)
        for (values, count) in counts.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            text.sample(name, pairs(labels, values), count)
        }
    }

    private static func pairs(
        _ labels: [StaticString], _ values: MigrationCounts.Values
    ) -> [(name: StaticString, value: String)] {
        zip(labels, values).map { (name: $0, value: $1) }
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
