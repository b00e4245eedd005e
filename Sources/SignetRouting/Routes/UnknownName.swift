import SignetIdentity
import SignetJOSE

/// A name that nothing has, in messages.
package enum UnknownName {
    /// The name in quotes. What could be no name at all is not repeated: it may be a token in the wrong place.
    package static func quoted(_ name: String) -> String {
        StringForm.name.accepts(name) ? JSONWriter.text(of: .string(name)) : "of that name"
    }
}
