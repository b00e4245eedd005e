import SignetJOSE
import SignetSystem

/// The members of an object in the configuration, after ``OptionCheck`` has found no fault. Defaults are filled in.
public struct OptionValues: Sendable {
    private let object: JSONNode
    private let declarations: [OptionDeclaration]

    package init(_ object: JSONNode, declared declarations: [OptionDeclaration]) {
        self.object = object
        self.declarations = declarations
    }

    /// Whether the configuration has the member.
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

    /// A boolean; false if there is neither value nor default.
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

    /// A duration in seconds.
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

    /// A map of mapped values, in the configuration's order.
    public func mappedValues(_ name: String) -> [(name: String, value: MappedValue)]? {
        value(name)?.members?.compactMap { member in
            MappedValue(member.value).map { (member.name, $0) }
        }
    }

    /// A list of objects.
    public func objects(_ name: String) -> [JSONValue]? {
        value(name)?.array
    }

    /// The value, or its default, for types without an accessor of their own.
    public func value(_ name: String) -> JSONValue? {
        if let member = object.member(name) { return member.value.value }
        let declaration = declarations.first { $0.name == name }
        guard case .defaults(let value)? = declaration?.presence else { return nil }
        return value
    }
}

extension SignetError {
    /// Makes the error of a connection's option; its code is `option-invalid`. The configuration's reader adds file, line and
    /// column.
    ///
    /// - Parameters:
    ///   - path: The members from the connection's object to the fault; a list element by its index.
    ///   - message: What is wrong.
    public init(option path: String..., message: String, hint: String? = nil) {
        self.init(optionPath: path, message: message, hint: hint)
    }

    /// The same for a path in an array.
    public init(optionPath path: [String], message: String, hint: String? = nil) {
        let steps = path.map { $0.replacing("~", with: "~0").replacing("/", with: "~1") }
        self.init(code: "option-invalid", message, hint: hint, pointer: steps.map { "/\($0)" }.joined())
    }

    /// The members from the connection's object to the fault.
    package var optionPath: [String] {
        (pointer ?? "").split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }
}

/// Durations in the configuration: `^[0-9]+(ms|s|m|h|d)$`.
package enum DurationText {
    /// The units, from the shortest to the longest.
    package static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// The milliseconds of a text; nil if it has another form or does not fit into 64 bits.
    package static func milliseconds(_ text: String) -> Int64? {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let suffix = text.dropFirst(digits.count)
        guard !digits.isEmpty, let unit = units.first(where: { $0.suffix == suffix }),
            let number = Int64(text.prefix(digits.count))
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
        return overflow ? nil : product
    }

    /// The shortest text of a number of milliseconds.
    package static func text(_ milliseconds: Int64) -> String {
        let unit = units.last { milliseconds >= $0.milliseconds && milliseconds % $0.milliseconds == 0 } ?? units[1]
        return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
    }
}
