/// Every error of Signet has a code that never changes, a reason in one sentence, and sometimes a hint.
///
/// The texts never contain secret material, tokens, private data or session ids, so they may be logged.
public protocol CodedError: Error, Sendable, CustomStringConvertible {
    /// A stable kebab-case code, fit for programs and for `problem+json`.
    var code: String { get }
    /// What is wrong, in one line and without a final full stop.
    var reason: String { get }
    /// What to do about it; nil if there is no advice.
    var hint: String? { get }
}

extension CodedError {
    /// No hint, unless a type has one.
    public var hint: String? { nil }

    /// The reason.
    public var description: String { reason }
}

/// The error type of most of Signet. Enums such as ``FileFault`` list the codes of one area.
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

    /// Makes an error with any code.
    public init(
        code: String, _ reason: String, hint: String? = nil, pointer: String? = nil, memberFault: String? = nil
    ) {
        self.code = code
        self.reason = reason
        self.hint = hint
        self.pointer = pointer
        self.memberFault = memberFault
    }

    /// Makes an error from a listed fault, whose raw value is the code.
    public init(
        _ fault: some RawRepresentable<String>, _ reason: String, hint: String? = nil, pointer: String? = nil
    ) {
        self.init(code: fault.rawValue, reason, hint: hint, pointer: pointer)
    }

    /// The reason, with the pointer in front if it leads to a member.
    public var description: String {
        pointer.map { $0.isEmpty ? reason : "\($0): \(reason)" } ?? reason
    }

    /// Whether the error's code is that of `fault`.
    public func isFault(_ fault: some RawRepresentable<String>) -> Bool {
        code == fault.rawValue
    }
}
