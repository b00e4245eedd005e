/// What every error of Signet offers: a code that never changes, one sentence for a person, and sometimes what to do.
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

/// Why something could not be done. The code says which fault it is: ``KeyFault``, ``FileFault`` and their like list them.
public struct SignetError: CodedError, Hashable {
    /// A stable kebab-case code: `key-empty`.
    public let code: String
    /// What is wrong, in one line and without a final full stop.
    public let reason: String
    /// What to do about it.
    public let hint: String?
    /// The member of the request or of the options that is wrong, as a JSON Pointer (RFC 6901); the empty pointer is the whole.
    public let pointer: String?
    /// What is wrong with that member, as the `errors` of a problem document say it: `missing`, `too-long`.
    public let memberFault: String?

    /// Makes an error of any code.
    public init(
        code: String, _ reason: String, hint: String? = nil, pointer: String? = nil, memberFault: String? = nil
    ) {
        self.code = code
        self.reason = reason
        self.hint = hint
        self.pointer = pointer
        self.memberFault = memberFault
    }

    /// Makes an error of one of a list of faults, whose raw value is the code.
    public init(
        _ fault: some RawRepresentable<String>, _ reason: String, hint: String? = nil, pointer: String? = nil
    ) {
        self.init(code: fault.rawValue, reason, hint: hint, pointer: pointer)
    }

    /// The pointer, if it leads to a member, and the reason.
    public var description: String {
        pointer.map { $0.isEmpty ? reason : "\($0): \(reason)" } ?? reason
    }

    /// Whether it is this fault.
    public func isFault(_ fault: some RawRepresentable<String>) -> Bool {
        code == fault.rawValue
    }
}
