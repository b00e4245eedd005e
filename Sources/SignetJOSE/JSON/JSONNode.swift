import SignetSystem

/// A JSON value that knows where in its source it stands.
public struct JSONNode: Sendable {
    /// The value, with the positions of everything in it.
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
    /// The bytes that the value takes up in its source.
    public let range: Range<Int>

    /// An object that stands nowhere: what is left out in a document that allows it.
    package static let emptyObject = JSONNode(content: .object([]), range: 0..<0)

    /// The value without its positions.
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

    /// Whether it is `null`.
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

    /// The same object without some of its members, for looking at what is sound in it.
    package func removing(_ names: Set<String>) -> JSONNode {
        guard let members else { return self }
        return JSONNode(content: .object(members.filter { !names.contains($0.name) }), range: range)
    }

    /// The word for this kind of value in messages.
    package var kind: String {
        switch content {
        case .null: "null"
        case .boolean: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
