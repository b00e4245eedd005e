import SignetSystem

/// A JSON value with its position in the source.
public struct JSONNode: Sendable {
    /// The value; its parts have positions too.
    public enum Content: Sendable {
        case null
        case boolean(Bool)
        case number(JSONNumber)
        case string(String)
        case array([JSONNode])
        case object([Member])
    }

    /// One member of an object, with the position of its name.
    public struct Member: Sendable {
        /// The member's name.
        public let name: String
        /// The bytes of the quoted name in the source.
        public let nameRange: Range<Int>
        /// The member's value.
        public let value: JSONNode
    }

    /// The value.
    public let content: Content
    /// The bytes of the value in its source.
    public let range: Range<Int>

    /// An empty object without a position, for a member that is left out.
    package static let emptyObject = JSONNode(content: .object([]), range: 0..<0)

    /// The value without positions.
    public var value: JSONValue {
        switch content {
        case .null: .null
        case .boolean(let value): .boolean(value)
        case .number(let value): .number(value)
        case .string(let value): .string(value)
        case .array(let elements): .array(elements.map(\.value))
        case .object(let members): .object(members.map { JSONMember($0.name, $0.value.value) })
        }
    }

    /// Whether this is `null`.
    package var isNull: Bool {
        if case .null = content { true } else { false }
    }

    /// The members, if this is an object.
    public var members: [Member]? {
        guard case .object(let members) = content else { return nil }
        return members
    }

    /// The elements, if this is an array.
    public var elements: [JSONNode]? {
        guard case .array(let elements) = content else { return nil }
        return elements
    }

    /// The string, if this is one.
    public var string: String? {
        guard case .string(let value) = content else { return nil }
        return value
    }

    /// The member called `name`, compared byte for byte, if this is an object that has one.
    public func member(_ name: String) -> Member? {
        members?.first { $0.name.hasSameBytes(as: name) }
    }

    /// The same object without some of its members.
    package func removing(_ names: Set<String>) -> JSONNode {
        guard let members else { return self }
        return JSONNode(content: .object(members.filter { !names.contains($0.name) }), range: range)
    }

    /// The word for this kind of value in messages.
    package var kind: String {
        switch content {
        case .null: JSONValue.null.kind
        case .boolean(let value): JSONValue.boolean(value).kind
        case .number(let value): JSONValue.number(value).kind
        case .string(let value): JSONValue.string(value).kind
        case .array: JSONValue.array([]).kind
        case .object: JSONValue.object([]).kind
        }
    }
}
