import SignetIdentity
import SignetJOSE
import SignetSystem

/// The name that callers ask for, and how a connection is picked for it.
public struct Route: Sendable {
    /// How a connection is picked.
    public enum Rule: Sendable {
        /// Always the same.
        case connection(String)
        /// By the request's context; the first case that matches wins.
        case cases([Case], otherwise: String)
        /// In the middle of a move.
        case migration(Migration)
    }

    /// A condition and where it leads.
    public struct Case: Sendable {
        /// What the request's context has to say.
        public let when: Condition
        /// The connection, by its name.
        public let connection: String

        /// Makes a case.
        public init(when: Condition, connection: String) {
            self.when = when
            self.connection = connection
        }
    }

    /// The route's name.
    public let name: String
    /// How a connection is picked.
    public let rule: Rule

    /// The connections that it can lead to, in the order in which they stand.
    public var connections: [String] {
        switch rule {
        case .connection(let name): return [name]
        case .cases(let cases, let otherwise):
            var names: [String] = []
            for name in cases.map(\.connection) + [otherwise] where !names.contains(name) { names.append(name) }
            return names
        case .migration(let migration): return [migration.from, migration.to]
        }
    }

    /// The move that the route is in, if it is in one.
    public var migration: Migration? {
        if case .migration(let migration) = rule { migration } else { nil }
    }

    /// Makes a route.
    public init(_ name: String, _ rule: Rule) {
        self.name = name
        self.rule = rule
    }
}

/// What a request's context has to say: members, each with the values it may have. Compared byte for byte.
public struct Condition: Sendable {
    private let members: [(name: String, values: [String])]

    /// All of these members have to have one of their values.
    public init(_ members: [(name: String, values: [String])]) {
        self.members = members
    }

    /// Reads `{"brand": "acme", "locale": ["en-GB", "en-IE"]}`.
    package init(_ json: JSONValue) {
        members = (json.members ?? []).map { member in
            (member.name, member.value.string.map { [$0] } ?? member.value.array?.compactMap(\.string) ?? [])
        }
    }

    /// The names of the members, each as often as it stands there.
    package var names: [String] { members.map(\.name) }

    /// Whether there is nothing to be met.
    package var isEmpty: Bool { members.isEmpty }

    /// Whether a context meets it.
    public func holds(for context: [String: String]) -> Bool {
        members.allSatisfy { name, values in
            // Swift finds canonically equivalent names; these have to be the same bytes.
            guard let index = context.index(forKey: name), context[index].key.hasSameBytes(as: name) else {
                return false
            }
            return values.contains { context[index].value.hasSameBytes(as: $0) }
        }
    }

    /// Whether whoever meets it meets one of these first. Not looked at where there are too many values to try them all.
    package func isShadowed(by earlier: [Condition]) -> Bool {
        var count = 1
        for member in members { count = min(count * member.values.count, Self.triedContexts + 1) }
        guard !members.isEmpty, !earlier.isEmpty, count <= Self.triedContexts else { return false }
        // A context with nothing else in it meets whatever all contexts meet that have these values.
        var contexts: [[String: String]] = [[:]]
        for (name, values) in members {
            contexts = contexts.flatMap { context in
                values.map { value in context.merging([name: value]) { _, new in new } }
            }
        }
        return contexts.allSatisfy { context in earlier.contains { $0.holds(for: context) } }
    }

    private static let triedContexts = 1_000

    /// The condition in words: `brand is "acme" and locale is one of "en-GB", "en-IE"`.
    public var text: String {
        members.map { name, values in
            let quoted = values.map { JSONWriter.text(of: .string($0)) }.joined(separator: ", ")
            return values.count == 1 ? "\(name) is \(quoted)" : "\(name) is one of \(quoted)"
        }.joined(separator: " and ")
    }
}
