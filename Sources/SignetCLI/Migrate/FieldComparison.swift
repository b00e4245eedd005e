import SignetIdentity
import SignetRouting

/// What of a customer reaches one vendor of a move and not the other. Mappings are compared, and whether a customer has
/// the field; no value is kept.
struct FieldComparison: Sendable {
    /// What only the old vendor gets to see.
    let lost: [Source]
    /// What only the new vendor gets to see.
    let gained: [Source]

    init(from: [MappedValue], to: [MappedValue]) {
        let (old, new) = (Self.sources(of: from), Self.sources(of: to))
        lost = old.filter { !new.contains($0) }
        gained = new.filter { !old.contains($0) }
    }

    /// What is taken from the customer, each once, in the order in which it is sent.
    private static func sources(of values: [MappedValue]) -> [Source] {
        var sources: [Source] = []
        for source in values.compactMap(\.source) where isOfCustomer(source) && !sources.contains(source) {
            sources.append(source)
        }
        return sources
    }

    private static func isOfCustomer(_ source: Source) -> Bool {
        switch source {
        case .subject, .email, .name, .phone, .attribute: true
        case .issuedAt, .requestID, .route: false
        }
    }

    /// How many customers have what is compared, field by field.
    struct Counts: Sendable {
        private(set) var lost: [Int]
        private(set) var gained: [Int]

        init(of comparison: FieldComparison) {
            lost = Array(repeating: 0, count: comparison.lost.count)
            gained = Array(repeating: 0, count: comparison.gained.count)
        }

        mutating func add(_ customer: Customer, _ comparison: FieldComparison, _ context: SigningContext) {
            for (index, source) in comparison.lost.enumerated() where source.value(for: customer, in: context) != nil {
                lost[index] += 1
            }
            for (index, source) in comparison.gained.enumerated()
            where source.value(for: customer, in: context) != nil {
                gained[index] += 1
            }
        }

        mutating func add(_ other: Counts) {
            for index in lost.indices { lost[index] += other.lost[index] }
            for index in gained.indices { gained[index] += other.gained[index] }
        }
    }
}
