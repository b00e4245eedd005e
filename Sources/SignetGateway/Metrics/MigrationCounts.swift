/// What some of the threads have counted of moves.
struct MigrationCounts: Sendable {
    struct Assignment: Hashable, Sendable {
        var route: String
        var cohort: String
        var side: String
        var reason: String
    }

    struct Rehearsal: Hashable, Sendable {
        var route: String
        var cohort: String
        var result: String
    }

    struct Fault: Hashable, Sendable {
        var route: String
        var cohort: String
        var side: String
        var code: String
    }

    struct Side: Hashable, Sendable {
        var route: String
        var cohort: String
        var side: String
    }

    var assigned: [Assignment: UInt64] = [:]
    var rehearsed: [Rehearsal: UInt64] = [:]
    var faults: [Fault: UInt64] = [:]
    var durations: [Side: Histogram] = [:]

    mutating func add(_ other: MigrationCounts) {
        assigned.merge(other.assigned, uniquingKeysWith: &+)
        rehearsed.merge(other.rehearsed, uniquingKeysWith: &+)
        faults.merge(other.faults, uniquingKeysWith: &+)
        durations.merge(other.durations, uniquingKeysWith: MetricsStripe.sum)
    }
}
