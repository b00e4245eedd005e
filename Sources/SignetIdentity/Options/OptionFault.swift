import SignetJOSE
import SignetSystem

/// Something wrong with an option of a connection; the configuration's reader adds file, line and column.
public struct OptionFault: CodedError, Equatable {
    /// The members that lead to the place, from the connection's object down; list elements by their index.
    public let path: [String]
    /// What is wrong.
    public let message: String
    /// What to do about it.
    public let hint: String?

    /// Describes a fault.
    public init(_ path: String..., message: String, hint: String? = nil) {
        self.init(path: path, message: message, hint: hint)
    }

    /// Describes a fault at a place that is found by going through lists.
    public init(path: [String], message: String, hint: String? = nil) {
        self.path = path
        self.message = message
        self.hint = hint
    }

    /// Always `option-invalid`.
    public var code: String { "option-invalid" }

    /// The place and what is wrong there: `fields.0.label: this label stands twice`.
    public var reason: String {
        path.isEmpty ? message : "\(path.joined(separator: ".")): \(message)"
    }
}
