import SignetIdentity

/// What of a customer reaches one vendor of a move and not the other. Mappings are compared, and whether a customer has
/// the field; no value is kept.
struct FieldComparison: Sendable {
    /// What only the old vendor gets to see.
    let lost: [Source]
    /// What only the new vendor gets to see.
    let gained: [Source]

    init(from: VendorConnection, to: VendorConnection) {
        lost = from.sources(unseenBy: to)
        gained = to.sources(unseenBy: from)
    }

    /// How many customers have what is compared, field by field.
    struct Counts: Sendable {
        private(set) var lost: [Int]
        private(set) var gained: [Int]

        init(of comparison: FieldComparison) {
            lost = Array(repeating: 0, count: comparison.lost.count)
            gained = Array(repeating: 0, count: comparison.gained.count)
        }

        mutating func add(_ customer: Customer, _ comparison: FieldComparison) {
            for (index, source) in comparison.lost.enumerated() where source.isPresent(in: customer) {
                lost[index] += 1
            }
            for (index, source) in comparison.gained.enumerated() where source.isPresent(in: customer) {
                gained[index] += 1
            }
        }

        mutating func add(_ other: Counts) {
            for index in lost.indices { lost[index] += other.lost[index] }
            for index in gained.indices { gained[index] += other.gained[index] }
        }
    }
}
