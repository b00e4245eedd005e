import SignetJOSE
import SignetSystem

/// What holds of everything that is said about an input: it has words, and nothing that a terminal or a log would obey or hide.
enum VisibleCheck {
    /// What is wrong with a message and its hint, or nil.
    static func fault(of message: String, hint: String? = nil) -> String? {
        if message.isEmpty { return "an empty message" }
        for text in [message, hint ?? "-"] where text.unicodeScalars.contains(where: isHidden) {
            return "a message holds what cannot be seen: \(Hexadecimal.encode(text.utf8))"
        }
        return nil
    }

    static func fault(of error: some CodedError) -> String? {
        fault(of: error.reason, hint: error.hint) ?? fault(of: error.code)
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
