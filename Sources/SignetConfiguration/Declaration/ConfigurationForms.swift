import SignetIdentity
import SignetJOSE
import SignetRouting

extension StringForm {
    /// An address that the gateway listens on.
    static let listenAddress = StringForm(
        noun: "an address to listen on",
        pattern: #"^(systemd|unix:[^\u0000-\u001f\u007f-\u009f]*[^/\u0000-\u001f\u007f-\u009f]|"#
            + #"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5})$"#,
        hint: "\"127.0.0.1:8787\", \"[::1]:8787\", \"unix:/run/signet.sock\" or \"systemd\"",
        matches: { ListenAddress($0) != nil })

    /// A host's name as in a Host field, without the port.
    static let hostName = StringForm(
        noun: "a host's name", pattern: #"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$"#,
        hint: "letters, digits, '-' and '.', without a port: signet.internal",
        matches: { text in WebOrigin("http://\(text)")?.host == text.lowercased() && !text.hasPrefix("[") })

    /// A path. A relative one starts at the configuration's directory.
    static let path = StringForm(
        noun: "a path", pattern: #"^[^\u0000-\u001f\u007f-\u009f]+$"#,
        hint: "a file's path, without control characters",
        matches: { StringForm.text.accepts($0) })

    /// The name of an environment variable (POSIX.1-2024 §8.1).
    static let environmentName = StringForm(
        noun: "the name of an environment variable", first: "A-Za-z_", rest: "A-Za-z0-9_", lengths: 1...Int.max,
        hint: "letters, digits and '_', not starting with a digit"
    ).notRepeated

    /// The name of a credential: a plain file name (systemd.exec(5), `LoadCredential=`).
    static let credentialName = StringForm(
        noun: "a credential's name", pattern: #"^(?!\.{1,2}$)[^/\u0000-\u001f\u007f-\u009f]+$"#,
        hint: "the name in LoadCredential=: a plain file name, without a path",
        matches: { text in
            StringForm.text.accepts(text) && text != "." && text != ".." && !text.utf8.contains(UInt8(ascii: "/"))
        }
    ).notRepeated

    /// A part of a command line.
    static let commandPart = text.notRepeated.hinting(atLists: "in brackets, one list item per argument")

    /// A SHA-256 digest.
    static let sha256Hex = StringForm(
        noun: "a SHA-256 digest", rest: "0-9a-f", lengths: 64...64, hint: "64 hexadecimal digits in lower case"
    ).notRepeated

    /// A route's name, or a pattern with `*` for any number of characters.
    package static let routeGlob = StringForm(
        noun: "a route or a pattern of routes", rest: "a-z0-9*._-", lengths: 1...64,
        hint: "a route's name; * stands for any characters: \"uk-*\"")

    /// What keeps a customer on one side of a migration.
    static let stickiness = StringForm(
        noun: "a stickiness", pattern: "^(subject|visitorId|attributes\\.\(AttributeName.pattern))$",
        hint: "valid: subject, visitorId, attributes.X",
        matches: { Migration.Stickiness($0) != nil })

    /// The key id of a vendor.
    static let keyID = StringForm(
        noun: "a key id", pattern: #"^[^\u0000-\u001f\u007f-\u009f]+$"#, hint: "as the vendor shows it",
        matches: { StringForm.text.accepts($0) })
}
