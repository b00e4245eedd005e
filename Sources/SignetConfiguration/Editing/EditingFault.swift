import SignetSystem

/// Why a configuration's text could not be changed; the raw value is the error's code.
package enum EditingFault: String, Sendable {
    /// What is to be changed is not there.
    case notFound = "edit-not-found"
    /// The changed text would not say what was meant.
    case differs = "edit-differs"
}

extension SignetError {
    /// A change of a configuration's text that cannot be made.
    init(_ fault: EditingFault, at path: [String]) {
        let place = path.joined(separator: ".")
        let reason =
            switch fault {
            case .notFound: "there is nothing to change at \(place)"
            case .differs: "\(place) cannot be changed without changing something else"
            }
        self.init(fault, reason, hint: "change it by hand; nothing was written")
    }
}
