/// Something wrong with an option of a connection; the configuration's reader adds file, line and column.
public struct OptionFault: Error, Sendable, Equatable {
    /// The members that lead to the place, from the connection's object down; list elements by their index.
    public let path: [String]
    /// What is wrong.
    public let message: String
    /// What to do about it.
    public let hint: String?

    /// Describes a fault.
    public init(_ path: String..., message: String, hint: String? = nil) {
        self.path = path
        self.message = message
        self.hint = hint
    }
}
