import SignetIdentity
import SignetJOSE
import SignetRouting

/// A value that `signet init` made up, in the place of a vendor's own. Everything loads and signs with it, and the vendor takes none of it.
package struct Placeholder: Sendable {
    /// The `kid` of a key.
    package static let keyID = "dg_api_key"
    /// The start of every widget id. A random UUID does not begin like this.
    private static let widgetIDStart = "00000000-"

    /// The id of the made-up widget of this number, from 1 to 9.
    package static func widgetID(_ number: Int) -> String {
        "\(widgetIDStart)0000-4000-8000-00000000000\(number)"
    }

    fileprivate static func isWidgetID(_ text: String) -> Bool {
        text.hasPrefix(widgetIDStart)
    }

    /// Where it stands.
    package let path: [String]
    /// What it is.
    package let message: String
    /// Whether something is signed with it at some time.
    package let isInUse: Bool

    /// What to do about it.
    package static let hint = "put the vendor's own into its place"
}

extension Configuration {
    /// The placeholders among what was loaded, in the order of the file: keys, then connections.
    func placeholders(among keys: [KeyLoader.Loaded], in scheduled: [ScheduledConnection]) -> [Placeholder] {
        let signing = Set(scheduled.flatMap { $0.schedule?.periods.compactMap(\.key) ?? [] })
        var found: [Placeholder] = []
        for key in keys {
            let (path, isInUse) = (["keys", key.entry.name], signing.contains(key.entry.name))
            if StandInSecret.isOne(key.key) {
                found.append(Placeholder(path: path, message: "the secret is a placeholder", isInUse: isInUse))
            }
            if key.entry.keyID == Placeholder.keyID {
                found.append(Placeholder(path: path + ["kid"], message: "\"kid\" is a placeholder", isInUse: isInUse))
            }
        }
        for connection in source.root.member("connections")?.value.members ?? [] {
            for member in connection.value.members ?? [] where member.value.string.map(Placeholder.isWidgetID) == true {
                found.append(
                    Placeholder(
                        path: ["connections", connection.name, member.name],
                        message: "\"\(member.name)\" is a placeholder", isInUse: true))
            }
        }
        return found
    }

    /// A warning for each that is in use.
    package func warnings(of placeholders: [Placeholder]) -> [Diagnostic] {
        placeholders.filter(\.isInUse).map { placeholder in
            source.diagnostic(placeholder.path, placeholder.message, severity: .warning, hint: Placeholder.hint)
        }
    }
}
