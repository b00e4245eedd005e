import SignetSystem

/// A JSON value whose members keep their order.
public enum JSONValue: Sendable, Hashable {
    case null
    case boolean(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// The value of the first member called `name`, if this is an object that has one. Names are compared byte for byte.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.hasSameBytes(as: name) }?.value
    }

    /// The string, if this is one.
    public var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    /// The integer, if this is a number without fraction or exponent.
    public var integer: Int64? {
        guard case .number(let value) = self else { return nil }
        return value.integer
    }

    /// The elements, if this is an array.
    public var array: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The members in their order, if this is an object.
    public var members: [JSONMember]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// The word for this kind of value in messages: `a string`, `an array`.
    package var kind: String {
        switch self {
        case .null: "null"
        case .boolean: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// One member of a JSON object.
public struct JSONMember: Sendable, Hashable {
    /// The member's name.
    public let name: String
    /// The member's value.
    public let value: JSONValue

    /// Makes a member.
    public init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}

/// A JSON number as it was written. It never passes through floating point.
public struct JSONNumber: Sendable, Hashable {
    /// The number's text, in the grammar of RFC 8259 §6.
    public let text: String

    /// An integer.
    public init(_ integer: some FixedWidthInteger) {
        text = String(integer)
    }

    package init(validated text: String) {
        self.text = text
    }

    /// The value, if it is written without fraction or exponent. The reader refuses integers beyond 64 bits.
    public var integer: Int64? {
        Int64(text)
    }

    /// The value without its fraction, with or without exponent. A value beyond 64 bits becomes `Int64.min` or `.max`.
    package var integerPart: Int64 {
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        let parts = text.utf8.drop { $0 == UInt8(ascii: "-") }.split { $0 | 0x20 == UInt8(ascii: "e") }
        let mantissa = parts[0].split(separator: UInt8(ascii: "."))
        let digits = mantissa.joined().drop { $0 == UInt8(ascii: "0") }
        guard !digits.isEmpty else { return 0 }
        // The number of digits before the point, after the exponent has moved it.
        let zeros = mantissa.joined().count - digits.count
        var count = mantissa[0].count - zeros
        if parts.count > 1 {
            let exponent = String(decoding: parts[1], as: UTF8.self)
            // An exponent beyond Int makes the value 0 or too large.
            let shift = Int(exponent) ?? (exponent.hasPrefix("-") ? -Int.max : Int.max)
            count = count.addingReportingOverflow(shift).overflow ? shift : count + shift
        }
        let end = isNegative ? Int64.min : .max
        guard count > 0 else { return 0 }
        guard count <= 19 else { return end }
        let whole =
            Array(digits.prefix(count)) + Array(repeating: UInt8(ascii: "0"), count: max(0, count - digits.count))
        return Int64((isNegative ? "-" : "") + String(decoding: whole, as: UTF8.self)) ?? end
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    /// A string.
    public init(stringLiteral value: String) {
        self = .string(value)
    }

    /// A boolean.
    public init(booleanLiteral value: Bool) {
        self = .boolean(value)
    }

    /// An integer.
    public init(integerLiteral value: Int64) {
        self = .number(JSONNumber(value))
    }
}

extension JSONValue: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    /// An array.
    public init(arrayLiteral elements: JSONValue...) {
        self = .array(elements)
    }

    /// An object whose members keep the order of the literal.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { JSONMember($0.0, $0.1) })
    }
}
