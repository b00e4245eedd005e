import SignetIdentity
import SignetJOSE

/// Customers whose side is fixed, by their subjects' exact bytes.
public struct PinnedSubjects: Sendable {
    private let sides: [Migration.Side: Set<ByteString>]

    /// Nobody, or these.
    ///
    /// - Parameters:
    ///   - from: Who stays at the old connection.
    ///   - to: Who is at the new connection. Whoever is in both stays.
    public init(from: [String] = [], to: [String] = []) {
        sides = [.from: Set(from.map(ByteString.init)), .to: Set(to.map(ByteString.init))]
    }

    /// The side of a customer who is pinned.
    public func side(of identity: Identity) -> Migration.Side? {
        guard case .customer(let customer) = identity else { return nil }
        let subject = ByteString(customer.subject)
        return Migration.Side.allCases.first { sides[$0]?.contains(subject) == true }
    }

    /// How many are pinned to a side.
    public func count(_ side: Migration.Side) -> Int {
        sides[side]?.count ?? 0
    }

    /// How many are pinned to both sides, which is an error of whoever wrote the lists.
    var contradictions: Int {
        (sides[.from] ?? []).intersection(sides[.to] ?? []).count
    }
}
