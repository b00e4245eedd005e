import SignetIdentity
import SignetJOSE

extension StringForm {
    /// Where the gateway listens.
    static let listenAddress = StringForm(
        noun: "an address to listen on",
        pattern: #"^(systemd|unix:[^\u0000-\u001f\u007f-\u009f]*[^/\u0000-\u001f\u007f-\u009f]|"#
            + #"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5})$"#,
        hint: "\"127.0.0.1:8787\", \"[::1]:8787\", \"unix:/run/signet.sock\" or \"systemd\"",
        matches: { ListenAddress($0) != nil })

    /// A host's name, as it stands in a Host field without the port.
    static let hostName = StringForm(
        noun: "a host's name", pattern: #"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$"#,
        hint: "letters, digits, '-' and '.', without a port: signet.internal",
        matches: { text in WebOrigin("http://\(text)")?.host == text.lowercased() && !text.hasPrefix("[") })

    /// A path, relative to the configuration's directory unless it is absolute.
    static let path = StringForm(
        noun: "a path", pattern: #"^[^\u0000-\u001f\u007f-\u009f]+$"#,
        hint: "a file's path, without control characters",
        matches: { StringForm.text.accepts($0) })

    /// The name of an environment variable (POSIX.1-2024 §8.1).
    static let environmentName = StringForm(
        noun: "the name of an environment variable", pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
        hint: "letters, digits and '_', as the shell has them",
        matches: { text in
            guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
                return false
            }
            return text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
        }
    ).notRepeated

    /// The name of a credential: a plain file name (systemd.exec(5), `LoadCredential=`).
    static let credentialName = StringForm(
        noun: "a credential's name", pattern: #"^(?!\.{1,2}$)[^/\u0000-\u001f\u007f-\u009f]+$"#,
        hint: "as LoadCredential= names it: a plain file name, without a path",
        matches: { text in
            StringForm.text.accepts(text) && text != "." && text != ".." && !text.utf8.contains(UInt8(ascii: "/"))
        }
    ).notRepeated

    /// A part of a command line.
    static let commandPart = text.notRepeated.hinting(atLists: "in brackets, one list item per argument")

    /// A SHA-256 digest.
    static let sha256Hex = StringForm(
        noun: "a SHA-256 digest", pattern: "^[0-9a-f]{64}$", hint: "64 hexadecimal digits in lower case",
        matches: { text in
            text.utf8.count == 64
                && text.utf8.allSatisfy { byte in
                    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
                }
        }
    ).notRepeated

    /// A route's name, or a pattern with `*` for any run of characters.
    package static let routeGlob = StringForm(
        noun: "a route or a pattern of routes", pattern: "^[a-z0-9*._-]{1,64}$",
        hint: "a route's name; * stands for any characters: \"uk-*\"",
        matches: { text in
            (1...64).contains(text.utf8.count)
                && text.utf8.allSatisfy { byte in
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "*._-".utf8.contains(byte)
                }
        })

    /// What keeps a customer on one side of a migration.
    static let stickiness = StringForm(
        noun: "something to stick to", pattern: "^(subject|visitorId|attributes\\.[A-Za-z][A-Za-z0-9_-]{0,63})$",
        hint: "valid: subject, visitorId, attributes.X",
        matches: { text in
            if text == "subject" || text == "visitorId" { return true }
            if case .attribute? = Source(text) { return true }
            return false
        })

    /// The key id that a vendor handed out.
    static let keyID = StringForm(
        noun: "a key id", pattern: #"^[^\u0000-\u001f\u007f-\u009f]+$"#, hint: "as the vendor shows it",
        matches: { StringForm.text.accepts($0) })
}
