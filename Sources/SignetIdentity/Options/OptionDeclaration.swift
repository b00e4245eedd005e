import SignetJOSE

/// Declares one member of a JSON object in the configuration.
public struct OptionDeclaration: Sendable {
    /// The meaning of an absent member.
    public enum Presence: Sendable {
        /// An error: the member is required.
        case required
        /// This value.
        case defaults(JSONValue)
        /// The effect that these words describe.
        case optional(String)
    }

    /// The member's name.
    public let name: String
    /// The type of its value.
    public let type: OptionType
    /// The meaning of its absence.
    public let presence: Presence
    /// Its purpose, in one or two sentences.
    public let summary: String
    /// An example of its value.
    public let example: JSONValue?

    /// Declares a member.
    public init(
        _ name: String, _ type: OptionType, _ presence: Presence, _ summary: String, example: JSONValue? = nil
    ) {
        self.name = name
        self.type = type
        self.presence = presence
        self.summary = summary
        self.example = example
    }
}

/// A condition between the members of one object.
public enum OptionRule: Sendable {
    /// Exactly one of these members is required.
    case exactlyOne([String])
    /// At most one of these members is allowed.
    case atMostOne([String])
    /// The first member requires the second.
    case requires(String, String)
}

/// The type of a member of the configuration.
public indirect enum OptionType: Sendable {
    /// A string of a certain form.
    case string(StringForm)
    /// `true` or `false`.
    case boolean
    /// A whole number.
    case integer(ClosedRange<Int64>)
    /// A percentage from 0 to 100 with at most three decimals.
    case percentage
    /// `250ms`, `5s`, `15m`, `12h`, `1d`, within limits in milliseconds.
    case duration(ClosedRange<Int64>)
    /// One of these words.
    case choice([String])
    /// An array with a minimum number of elements.
    case list(OptionType, minimum: Int)
    /// An object of these members.
    case object([OptionDeclaration], rules: [OptionRule])
    /// An object with any member names of one form.
    case map(names: StringForm, values: OptionType)
    /// A string of one form, or a value of another type.
    case stringOr(StringForm, OptionType)
    /// An array with a minimum number of elements, or a value of another type.
    case listOr(OptionType, minimum: Int, OptionType)
    /// An object in which one member decides about the others.
    case tagged(by: OptionDeclaration, [(tag: String, members: [OptionDeclaration], rules: [OptionRule])])

    /// A mapped value: a source, `{"from": …, "required": …}` or `{"value": …}`.
    public static let mappedValue = OptionType.stringOr(
        .source, .object(mappedValueMembers, rules: mappedValueRules))

    /// The conditions between the members of a mapped value.
    public static let mappedValueRules: [OptionRule] = [.exactlyOne(["from", "value"]), .requires("required", "from")]

    /// The members of a mapped value, for objects with further members. ``MappedValue/init(_:)`` reads them.
    public static let mappedValueMembers = [
        OptionDeclaration(
            "from", .string(.source), .optional("\"value\" is used"), "Where the value comes from."),
        OptionDeclaration(
            "required", .boolean, .defaults(true), "Whether an identity without it is refused; else it is left out."),
        OptionDeclaration(
            "value", .string(.text), .optional("\"from\" is used"),
            "A value that is the same for every customer."),
    ]
}
