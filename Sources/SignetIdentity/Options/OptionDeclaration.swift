import SignetJOSE

/// Declares one member of a JSON object in the configuration.
public struct OptionDeclaration: Sendable {
    /// What happens when the member is left out.
    public enum Presence: Sendable {
        /// It cannot be.
        case required
        /// This value is taken.
        case defaults(JSONValue)
        /// What these words say.
        case optional(String)
    }

    /// The member's name.
    public let name: String
    /// What it can be.
    public let type: OptionType
    /// What happens when it is left out.
    public let presence: Presence
    /// What it is for, in a sentence or two.
    public let summary: String
    /// A value as it could stand in a configuration.
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
    /// One of these has to be there, and only one.
    case exactlyOne([String])
    /// At most one of these may be there.
    case atMostOne([String])
    /// Where the first is, the second has to be.
    case requires(String, String)
}

/// What a member of the configuration can be.
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
    /// A list of at least so many elements.
    case list(OptionType, minimum: Int)
    /// An object of these members.
    case object([OptionDeclaration], rules: [OptionRule])
    /// An object whose members' names are free.
    case map(names: StringForm, values: OptionType)
    /// A string of one form, or something that is no string.
    case stringOr(StringForm, OptionType)
    /// A list of at least so many elements, or something that is no list.
    case listOr(OptionType, minimum: Int, OptionType)
    /// An object whose other members depend on one of them.
    case tagged(by: OptionDeclaration, [(tag: String, members: [OptionDeclaration], rules: [OptionRule])])

    /// A source, `{"from": …, "required": …}` or `{"value": …}`: what a mapping maps to.
    public static let mappedValue = OptionType.stringOr(
        .source, .object(mappedValueMembers, rules: mappedValueRules))

    /// The conditions between the members of a mapped value.
    public static let mappedValueRules: [OptionRule] = [.exactlyOne(["from", "value"]), .requires("required", "from")]

    /// The members of a mapped value, for objects that hold one next to other members; read it by ``MappedValue/init(_:)``.
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
