/// Commands that are printed to be pasted.
enum ShellCommand {
    /// A command of signet.
    ///
    /// - Parameters:
    ///   - words: The command and its arguments.
    ///   - configuration: The file for `-c`; nil for the default one. A configuration from standard input has to be a file then.
    ///   - program: How signet is called.
    static func signet(_ words: String, configuration: String?, program: String = "signet") -> String {
        "\(program) \(words)" + (configuration.map { " -c \($0 == "-" ? "FILE" : quoted($0))" } ?? "")
    }

    /// The text as one word of a POSIX shell: as it is where it may be, and else in single quotes.
    static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_./:=@%+,".utf8.contains(byte)
            }
        }
        return isPlain && !text.isEmpty ? text : "'\(text.replacing("'", with: "'\\''"))'"
    }
}
