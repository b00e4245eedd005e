/// What some of the threads have counted of moves, each by the values of its family's labels.
struct MigrationCounts: Sendable {
    /// The values of labels, in the order of the names.
    typealias Values = [String]

    static let assignedLabels: [StaticString] = ["route", "cohort", "side", "reason"]
    static let rehearsedLabels: [StaticString] = ["route", "cohort", "result"]
    static let faultLabels: [StaticString] = ["route", "cohort", "side", "code"]
    static let durationLabels: [StaticString] = ["route", "cohort", "side"]

    var assigned: [Values: UInt64] = [:]
    var rehearsed: [Values: UInt64] = [:]
    var faults: [Values: UInt64] = [:]
    var durations: [Values: Histogram] = [:]

    mutating func add(_ other: MigrationCounts) {
        assigned.merge(other.assigned, uniquingKeysWith: &+)
        rehearsed.merge(other.rehearsed, uniquingKeysWith: &+)
        faults.merge(other.faults, uniquingKeysWith: &+)
        durations.merge(other.durations, uniquingKeysWith: MetricsStripe.sum)
    }
}
