import SignetIdentity
import SignetJOSE
import SignetSystem

/// Customers whose side of a migration is fixed, by the exact bytes of their subjects.
public struct PinnedSubjects: Sendable, Equatable {
    /// The customers of one side.
    package enum Members: Sendable, Equatable {
        /// Written in the configuration.
        case listed(Set<ByteString>)
        /// In a file. The name is the configuration's.
        case file(String, PinList)

        package static let none = Members.listed([])

        package init(_ subjects: [String]) {
            self = .listed(Set(subjects.map(ByteString.init)))
        }

        var count: Int {
            switch self {
            case .listed(let subjects): subjects.count
            case .file(_, let list): list.count
            }
        }

        func contains(_ subject: String) -> Bool {
            switch self {
            case .listed(let subjects): subjects.contains(ByteString(subject))
            case .file(_, let list): list.contains(subject)
            }
        }
    }

    private let from: Members
    private let to: Members

    /// Pins these customers.
    ///
    /// - Parameters:
    ///   - from: The customers who stay at the old connection.
    ///   - to: The customers who get the new connection. A customer in both lists stays.
    public init(from: [String] = [], to: [String] = []) {
        self.init(from: Members(from), to: Members(to))
    }

    package init(from: Members, to: Members) {
        self.from = from
        self.to = to
    }

    /// The side of a pinned customer.
    public func side(of identity: Identity) -> Migration.Side? {
        guard case .customer(let customer) = identity else { return nil }
        return from.contains(customer.subject) ? .from : to.contains(customer.subject) ? .to : nil
    }

    /// How many customers are pinned to a side.
    public func count(_ side: Migration.Side) -> Int {
        (side == .from ? from : to).count
    }

    // MARK: Contradictions

    /// Customers who are pinned to both sides. The lists are wrong then.
    package struct Contradiction {
        package let count: Int
        /// Where the first of them is, in the lists that are files.
        package var places: [String] = []
    }

    /// The customers who are pinned to both sides, if there are any.
    package var contradiction: Contradiction? {
        switch (to, from) {
        case (.listed(let new), .listed(let old)):
            let both = new.intersection(old).count
            return both == 0 ? nil : Contradiction(count: both)
        case (.listed(let listed), .file(let name, let list)), (.file(let name, let list), .listed(let listed)):
            return list.overlap(with: listed).map { both in
                Contradiction(count: both.count, places: ["\(name), line \(both.line)"])
            }
        case (.file(let newName, let new), .file(let oldName, let old)):
            return new.overlap(with: old).map { both in
                Contradiction(
                    count: both.count,
                    places: ["\(newName), line \(both.line)", "\(oldName), line \(both.otherLine)"])
            }
        }
    }
}
