import SignetIdentity
import SignetJOSE
import SignetSystem

/// Customers whose side is fixed, by their subjects' exact bytes.
public struct PinnedSubjects: Sendable, Equatable {
    /// Who is pinned to one side.
    package enum Members: Sendable, Equatable {
        /// Written in the configuration.
        case listed(Set<ByteString>)
        /// In a file, by the name that the configuration has for it.
        case file(String, PinList)

        package static let nobody = Members.listed([])

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

    /// Nobody, or these.
    ///
    /// - Parameters:
    ///   - from: Who stays at the old connection.
    ///   - to: Who is at the new connection. Whoever is in both stays.
    public init(from: [String] = [], to: [String] = []) {
        self.init(from: Members(from), to: Members(to))
    }

    package init(from: Members, to: Members) {
        self.from = from
        self.to = to
    }

    /// The side of a customer who is pinned.
    public func side(of identity: Identity) -> Migration.Side? {
        guard case .customer(let customer) = identity else { return nil }
        return from.contains(customer.subject) ? .from : to.contains(customer.subject) ? .to : nil
    }

    /// How many are pinned to a side.
    public func count(_ side: Migration.Side) -> Int {
        (side == .from ? from : to).count
    }

    // MARK: Contradictions

    /// Customers who are pinned to both sides, which is an error of whoever wrote the lists.
    package struct Contradiction {
        package let count: Int
        /// Where the first of them stands, as far as files are concerned.
        package var places: [String] = []
    }

    /// Who is pinned to both sides, if anybody is.
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
