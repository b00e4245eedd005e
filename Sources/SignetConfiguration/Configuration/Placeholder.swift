import SignetIdentity
import SignetJOSE
import SignetRouting

/// A value that `signet init` invented in the place of a vendor's. Everything loads and signs with it, but the vendor refuses it.
package struct Placeholder: Sendable {
    /// The `kid` of a key.
    package static let keyID = "dg_api_key"
    /// The start of every widget id. A random UUID does not begin like this.
    private static let widgetIDStart = "00000000-"

    /// The invented widget id of a number from 1 to 9.
    package static func widgetID(_ number: Int) -> String {
        "\(widgetIDStart)0000-4000-8000-00000000000\(number)"
    }

    /// The path of the member.
    package let path: [String]
    /// What it is.
    package let message: String
    /// Whether something is signed with it at some time.
    package let isInUse: Bool

    /// What to do about it.
    package static let hint = "put the vendor's own into its place"

    fileprivate init(_ path: [String], _ subject: String, isInUse: Bool) {
        self.path = path
        message = "\(subject) is a placeholder"
        self.isInUse = isInUse
    }

    fileprivate static func isWidgetID(_ text: String) -> Bool {
        text.hasPrefix(widgetIDStart)
    }
}

extension Configuration {
    /// The placeholders in what was loaded, in the order of the file: keys, then connections.
    func placeholders(among keys: [KeyLoader.Loaded], in scheduled: [ScheduledConnection]) -> [Placeholder] {
        let signing = Set(scheduled.flatMap { $0.schedule?.periods.compactMap(\.key) ?? [] })
        var found: [Placeholder] = []
        for key in keys {
            let (path, isInUse) = (["keys", key.entry.name], signing.contains(key.entry.name))
            if PlaceholderSecret.isOne(key.key) { found.append(Placeholder(path, "the secret", isInUse: isInUse)) }
            if key.entry.keyID == Placeholder.keyID {
                found.append(Placeholder(path + ["kid"], "\"kid\"", isInUse: isInUse))
            }
        }
        for connection in source.root.member("connections")?.value.members ?? [] {
            for member in connection.value.members ?? [] where member.value.string.map(Placeholder.isWidgetID) == true {
                let path = ["connections", connection.name, member.name]
                found.append(Placeholder(path, "\"\(member.name)\"", isInUse: true))
            }
        }
        return found
    }

    /// A warning for each placeholder that is in use.
    package func warnings(of placeholders: [Placeholder]) -> [Diagnostic] {
        placeholders.filter(\.isInUse).map { placeholder in
            source.diagnostic(placeholder.path, placeholder.message, severity: .warning, hint: Placeholder.hint)
        }
    }
}
