import SignetJOSE
import SignetSystem

/// A change of a configuration's text that cannot be made.
package struct EditingError: CodedError {
    /// What kind of fault it is.
    package enum Kind: String, Sendable {
        /// What is to be changed is not there.
        case notFound = "edit-not-found"
        /// The changed text would not say what was meant.
        case differs = "edit-differs"
    }

    /// The kind of fault.
    package let kind: Kind
    /// The place in the configuration: `routes.help.migrate`.
    package let place: String

    init(_ kind: Kind, at path: [String]) {
        self.kind = kind
        place = path.joined(separator: ".")
    }

    /// `edit-not-found` or `edit-differs`.
    package var code: String { kind.rawValue }

    /// What is wrong, and where.
    package var reason: String {
        switch kind {
        case .notFound: "there is nothing to change at \(place)"
        case .differs: "\(place) cannot be changed without changing something else"
        }
    }

    /// The way that is always open.
    package var hint: String? { "change it by hand; nothing was written" }
}
