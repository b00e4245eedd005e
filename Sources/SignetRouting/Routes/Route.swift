import SignetIdentity
import SignetJOSE
import SignetSystem

/// A name that callers ask for, and the rule that picks a connection for it.
public struct Route: Sendable {
    /// How a connection is picked.
    public enum Rule: Sendable {
        /// Always the same.
        case connection(String)
        /// By the request's context. The first case that matches wins.
        case cases([Case], otherwise: String)
        /// By a migration.
        case migration(Migration)
    }

    /// A condition and the connection it leads to.
    public struct Case: Sendable {
        /// The condition on the request's context.
        public let when: Condition
        /// The connection's name.
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

    /// The connections that it can lead to, in the order of the configuration.
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

    /// The route's migration, if it has one.
    public var migration: Migration? {
        if case .migration(let migration) = rule { migration } else { nil }
    }

    /// Makes a route.
    public init(_ name: String, _ rule: Rule) {
        self.name = name
        self.rule = rule
    }
}

/// A condition on a request's context: members, each with the values it may have. Compared byte for byte.
public struct Condition: Sendable {
    private let members: [(name: String, values: [String])]

    /// Each of these members has to have one of its values.
    public init(_ members: [(name: String, values: [String])]) {
        self.members = members
    }

    /// Reads `{"brand": "acme", "locale": ["en-GB", "en-IE"]}`.
    package init(_ json: JSONValue) {
        members = (json.members ?? []).map { member in
            (member.name, member.value.string.map { [$0] } ?? member.value.array?.compactMap(\.string) ?? [])
        }
    }

    /// The names of the members, duplicates included.
    var names: [String] { members.map(\.name) }

    /// Whether it has no members, so that every context meets it.
    var isEmpty: Bool { members.isEmpty }

    /// Whether a context meets it.
    public func holds(for context: [String: String]) -> Bool {
        members.allSatisfy { name, values in
            // Swift also finds canonically equivalent names. These have to be the same bytes.
            guard let index = context.index(forKey: name), context[index].key.hasSameBytes(as: name) else {
                return false
            }
            return values.contains { context[index].value.hasSameBytes(as: $0) }
        }
    }

    /// Whether every context that meets it meets one of these first. False where there are too many values to try them all.
    package func isShadowed(by earlier: [Condition]) -> Bool {
        var count = 1
        for member in members { count = min(count * member.values.count, Self.triedContexts + 1) }
        guard !members.isEmpty, !earlier.isEmpty, count <= Self.triedContexts else { return false }
        // A context of only these values meets a condition exactly if all contexts with these values do.
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

/// Patterns of route names: `*` stands for any number of characters, also none.
///
/// This is not fnmatch(3): there `?`, `[` and `\` have a meaning too, and a caller made in memory may have them.
package enum Glob {
    package static func matches(_ name: String, pattern: String) -> Bool {
        let (name, pattern) = (Array(name.utf8), Array(pattern.utf8))
        let star = UInt8(ascii: "*")
        var (index, position) = (0, 0)
        var retry: (index: Int, position: Int)?
        // Each character is either matched, or the last star takes one more.
        while index < name.count {
            if position < pattern.count, pattern[position] == star {
                retry = (index, position)
                position += 1
            } else if position < pattern.count, pattern[position] == name[index] {
                index += 1
                position += 1
            } else if let last = retry {
                retry = (last.index + 1, last.position)
                index = last.index + 1
                position = last.position + 1
            } else {
                return false
            }
        }
        return pattern[position...].allSatisfy { $0 == star }
    }
}
