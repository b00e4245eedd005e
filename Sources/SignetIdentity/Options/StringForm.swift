import SignetJOSE
import SignetSystem

/// The required form of a string in the configuration.
public struct StringForm: Sendable {
    /// The word for such a string in messages: `a name`.
    public let noun: String
    /// The form as an ECMA-262 regular expression, for the JSON Schema.
    public let pattern: String
    /// The form in words, for hints.
    public let hint: String
    /// Whether messages repeat a string without this form. False where a user could enter a secret by mistake.
    package private(set) var isRepeated = true
    /// All valid strings, for hints, if they can be listed.
    package private(set) var names: [String] = []
    /// The hint for a string with several parts where an array is wanted.
    package private(set) var listHint: String?
    private let matches: @Sendable (String) -> Bool

    /// Describes a form.
    ///
    /// `pattern` has to accept every string that `matches` accepts, or an editor marks a valid configuration as wrong.
    /// `matches` may refuse more, such as 31 February, which a regular expression cannot recognise.
    public init(
        noun: String, pattern: String, hint: String, matches: @escaping @Sendable (String) -> Bool
    ) {
        self.noun = noun
        self.pattern = pattern
        self.hint = hint
        self.matches = matches
    }

    /// A form of certain ASCII characters.
    ///
    /// - Parameters:
    ///   - first: The class of the first character, if it differs from the others.
    ///   - rest: The class of the characters, as in a regular expression: `a-z0-9._-`.
    ///   - lengths: How many characters there may be, the first included.
    package init(noun: String, first: String? = nil, rest: String, lengths: ClosedRange<Int>, hint: String) {
        let (head, tail) = (Self.characters(of: first ?? rest), Self.characters(of: rest))
        func times(_ low: Int, _ high: Int) -> String {
            high > 1_000 ? low == 0 ? "*" : "+" : low == high ? "{\(low)}" : "{\(low),\(high)}"
        }
        let (low, high) = (lengths.lowerBound, lengths.upperBound)
        self.init(
            noun: noun,
            pattern: first.map { "^[\($0)][\(rest)]\(times(low - 1, high - 1))$" } ?? "^[\(rest)]\(times(low, high))$",
            hint: hint,
            matches: { text in
                lengths.contains(text.utf8.count) && text.utf8.first.map { head[Int($0)] } != false
                    && text.utf8.allSatisfy { tail[Int($0)] }
            })
    }

    /// Whether each byte is in the class.
    private static func characters(of characterClass: String) -> [Bool] {
        let bytes = Array(characterClass.utf8)
        var characters = [Bool](repeating: false, count: 256)
        var index = 0
        while index < bytes.count {
            let isRange = index + 2 < bytes.count && bytes[index + 1] == UInt8(ascii: "-")
            for byte in bytes[index]...bytes[isRange ? index + 2 : index] { characters[Int(byte)] = true }
            index += isRange ? 3 : 1
        }
        return characters
    }

    /// The same form with a list of all valid strings.
    private func listing(_ names: [String]) -> StringForm {
        var form = self
        form.names = names
        return form
    }

    /// The same form with a hint for a string that should be an array.
    package func hinting(atLists hint: String) -> StringForm {
        var form = self
        form.listHint = hint
        return form
    }

    /// The same form, for strings that messages do not repeat.
    package var notRepeated: StringForm {
        var form = self
        form.isRepeated = false
        return form
    }

    /// Whether a string has the form.
    public func accepts(_ text: String) -> Bool {
        matches(text)
    }

    /// Refuses a string without the form, for settings that are made in code.
    ///
    /// - Parameters:
    ///   - noun: The word for the string in the message: `a widgetId`.
    ///   - path: The members from the connection's object to the option.
    package func check(_ text: String, _ noun: String, at path: String...) throws(SignetError) {
        guard !accepts(text) else { return }
        throw SignetError(optionPath: path, message: "\(noun) is \(hint)")
    }

    /// At least one character, no control characters.
    public static let text = StringForm(
        noun: "a text", pattern: #"^[^\u0000-\u001f\u007f-\u009f]+$"#,
        hint: "at least one character, no control characters",
        matches: { !$0.isEmpty && !$0.unicodeScalars.contains(where: \.isControl) })

    /// A name in the configuration: of a key, connection, route or caller.
    public static let name = StringForm(
        noun: "a name", first: "a-z0-9", rest: "a-z0-9._-", lengths: 1...64,
        hint: "lower-case letters, digits, '.', '_' and '-', starting with a letter or digit, at most 64")

    /// A vendor's id that is part of URLs.
    public static let identifier = StringForm(
        noun: "an id", rest: "A-Za-z0-9_-", lengths: 1...128,
        hint: "letters, digits, '_' and '-', as the vendor shows it")

    /// The source of a value.
    public static let source = StringForm(
        noun: "a source", pattern: Source.pattern, hint: "valid: \(Source.names.joined(separator: ", "))",
        matches: { Source($0) != nil }
    ).listing(Source.names)

    /// An RFC 3339 time in UTC and whole seconds.
    public static let time = StringForm(
        noun: "a time", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
        hint: "RFC 3339 in UTC and whole seconds: 2026-01-31T12:00:00Z",
        matches: { NumericDate(rfc3339: $0) != nil })
}
