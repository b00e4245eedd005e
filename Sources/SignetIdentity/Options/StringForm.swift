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

    /// A name of Signet's own: keys, connections, routes, callers.
    public static let name = StringForm(
        noun: "a name", pattern: "^[a-z0-9][a-z0-9._-]{0,63}$",
        hint: "lower-case letters, digits, '.', '_' and '-', starting with a letter or digit, at most 64",
        matches: { text in
            let first = text.utf8.first.map { Character(Unicode.Scalar($0)) }
            return text.utf8.count <= 64 && first != "." && first != "_" && first != "-" && !text.isEmpty
                && text.utf8.allSatisfy { isLowerOrDigit($0) || "._-".utf8.contains($0) }
        })

    /// A vendor's id that is part of URLs.
    public static let identifier = StringForm(
        noun: "an id", pattern: "^[A-Za-z0-9_-]{1,128}$", hint: "letters, digits, '_' and '-', as the vendor shows it",
        matches: { text in
            (1...128).contains(text.utf8.count)
                && text.utf8.allSatisfy { isLetterOrDigit($0) || "_-".utf8.contains($0) }
        })

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

    private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isLowerOrDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}
