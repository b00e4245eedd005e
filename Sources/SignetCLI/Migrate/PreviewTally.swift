import SignetIdentity
import SignetRouting

/// What a preview counts. Its size does not depend on how much was counted.
struct PreviewTally: Sendable {
    /// A side and why somebody is on it.
    struct Place: Hashable, Sendable {
        let side: Migration.Side
        let reason: Migration.Reason
    }

    /// How many are at a place.
    struct Crowd: Sendable {
        var requests = 0
        /// How many of them the new connection cannot serve.
        var refused = 0
    }

    var lines = 0
    var customers = 0
    var strangers = 0
    /// Requests that the new connection cannot serve.
    var refusals: FaultGroups
    /// Lines that are no request.
    var malformed: FaultGroups
    var fields: FieldComparison.Counts
    private(set) var crowds: [Place: Crowd] = [:]

    /// Nothing yet.
    ///
    /// - Parameter faultLimit: How many faults of a kind are told apart.
    init(comparing comparison: FieldComparison, faultLimit: Int = .max) {
        refusals = FaultGroups(limit: faultLimit)
        malformed = FaultGroups(limit: faultLimit)
        fields = FieldComparison.Counts(of: comparison)
    }

    /// Requests that the new connection can serve.
    var served: Int { customers + strangers - refusals.count }

    /// Whether every line is one that the new connection can serve. Of no line that is not known: an export may have failed.
    var isClean: Bool { lines > 0 && refusals.count == 0 && malformed.count == 0 }

    mutating func add(_ place: Place, isRefused: Bool) {
        crowds[place, default: Crowd()].requests += 1
        if isRefused { crowds[place, default: Crowd()].refused += 1 }
    }

    /// Adds what came of lines that follow.
    mutating func add(_ later: PreviewTally) {
        lines += later.lines
        customers += later.customers
        strangers += later.strangers
        refusals.add(later.refusals)
        malformed.add(later.malformed)
        fields.add(later.fields)
        crowds.merge(later.crowds) {
            Crowd(requests: $0.requests + $1.requests, refused: $0.refused + $1.refused)
        }
    }

    /// The places where somebody is: the new side first, each by how many are there.
    var places: [(place: Place, crowd: Crowd)] {
        Migration.Side.allCases.reversed().flatMap { side in
            Migration.Reason.allCases.compactMap { reason in
                let place = Place(side: side, reason: reason)
                return crowds[place].map { (place, $0) }
            }
        }
    }
}
