import SignetJOSE
import SignetSystem

/// The members of an object in the configuration, found to have the declared types, with the defaults filled in.
public struct OptionValues: Sendable {
    private let object: JSONNode
    private let declarations: [OptionDeclaration]

    package init(_ object: JSONNode, declared declarations: [OptionDeclaration]) {
        self.object = object
        self.declarations = declarations
    }

    /// Whether the member is written down.
    public func has(_ name: String) -> Bool {
        object.member(name) != nil
    }

    /// A string.
    public func string(_ name: String) -> String? {
        value(name)?.string
    }

    /// A string that is required or has a default.
    public func text(_ name: String) -> String {
        string(name) ?? ""
    }

    /// A boolean; false where there is neither value nor default.
    public func boolean(_ name: String) -> Bool {
        value(name) == .boolean(true)
    }

    /// An integer.
    public func integer(_ name: String) -> Int64? {
        value(name)?.integer
    }

    /// A duration in milliseconds.
    public func milliseconds(_ name: String) -> Int64? {
        string(name).flatMap(DurationText.milliseconds)
    }

    /// A percentage.
    public func percentage(_ name: String) -> Percentage? {
        guard case .number(let number)? = value(name) else { return nil }
        return Percentage(number.text)
    }

    /// A duration in seconds, for what is counted in them.
    ///
    /// - Throws: ``SignetError`` for a fraction of a second.
    public func wholeSeconds(_ name: String) throws(SignetError) -> Int64? {
        guard let milliseconds = milliseconds(name) else { return nil }
        guard milliseconds.isMultiple(of: 1000) else {
            throw SignetError(option: name, message: "it is not a whole number of seconds")
        }
        return milliseconds / 1000
    }

    /// A list of strings.
    public func strings(_ name: String) -> [String]? {
        value(name)?.array?.compactMap(\.string)
    }

    /// A mapped value.
    public func mappedValue(_ name: String) -> MappedValue? {
        value(name).flatMap(MappedValue.init)
    }

    /// A map of mapped values, in the order in which they are written.
    public func mappedValues(_ name: String) -> [(name: String, value: MappedValue)]? {
        value(name)?.members?.compactMap { member in
            MappedValue(member.value).map { (member.name, $0) }
        }
    }

    /// A list of objects.
    public func objects(_ name: String) -> [JSONValue]? {
        value(name)?.array
    }

    /// The value as it was written, or its default: for what has no accessor of its own.
    public func value(_ name: String) -> JSONValue? {
        if let member = object.member(name) { return member.value.value }
        let declaration = declarations.first { $0.name == name }
        guard case .defaults(let value)? = declaration?.presence else { return nil }
        return value
    }
}

extension MappedValue {
    /// Reads a source, `{"from": …, "required": …}` or `{"value": …}`; other members are not looked at.
    public init?(_ json: JSONValue) {
        if let text = json.string {
            guard let source = Source(text) else { return nil }
            self = .from(source)
        } else if let literal = json["value"]?.string {
            self = .literal(literal)
        } else if let source = json["from"]?.string.flatMap(Source.init) {
            self = .from(source, required: json["required"] != .boolean(false))
        } else {
            return nil
        }
    }
}
