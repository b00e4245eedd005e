/// What every error of Signet offers: a code that never changes, one sentence for a person, and sometimes a way out.
///
/// None of the texts ever holds secret material, tokens, private data or session ids, so they may be logged.
public protocol CodedError: Error, Sendable, CustomStringConvertible {
    /// A stable kebab-case code, fit for programs and for `problem+json`.
    var code: String { get }
    /// What is wrong, in one line and without a final full stop.
    var reason: String { get }
    /// What to do about it, where there is something to say.
    var hint: String? { get }
}

extension CodedError {
    /// No hint, unless a type has one.
    public var hint: String? { nil }

    /// The reason alone.
    public var description: String { reason }
}
