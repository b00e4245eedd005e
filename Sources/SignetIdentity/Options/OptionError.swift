import SignetSystem

extension SignetError {
    /// Something is wrong with an option of a connection: the code is `option-invalid`. The configuration's reader adds file, line
    /// and column.
    ///
    /// - Parameters:
    ///   - path: The members that lead to the place, from the connection's object down; list elements by their index.
    ///   - message: What is wrong.
    public init(option path: String..., message: String, hint: String? = nil) {
        self.init(optionPath: path, message: message, hint: hint)
    }

    /// The same for a place that is found by going through lists.
    public init(optionPath path: [String], message: String, hint: String? = nil) {
        let steps = path.map { $0.replacing("~", with: "~0").replacing("/", with: "~1") }
        self.init(code: "option-invalid", message, hint: hint, pointer: steps.map { "/\($0)" }.joined())
    }

    /// The members that lead to the place.
    package var optionPath: [String] {
        (pointer ?? "").split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }
}
