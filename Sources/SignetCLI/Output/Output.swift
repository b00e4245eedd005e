import SignetJOSE
import SignetSystem

/// Results go to stdout, everything else to stderr.
enum Output {
    /// Writes a line of text to stdout. Nothing in it can add a line or steer a terminal.
    static func result(_ line: String) throws(CommandFailure) {
        try bytes(Array((line.visible + "\n").utf8))
    }

    /// Writes a value to stdout as a line of compact JSON.
    static func json(_ value: JSONValue) throws(CommandFailure) {
        try result(JSONWriter.text(of: value))
    }

    /// Writes a report to stdout: a line of compact JSON for programs, or lines of text for people.
    static func report(
        asJSON isJSON: Bool, _ json: @autoclosure () -> JSONValue, text: @autoclosure () -> String
    ) throws(CommandFailure) {
        if isJSON { try self.json(json()) } else { try self.text(text()) }
    }

    /// Writes lines to stdout. Nothing in them can steer a terminal. A line end in what they quote is written as it is.
    static func text(_ text: String) throws(CommandFailure) {
        try bytes(Array(text.visibleLines.utf8))
    }

    /// Writes bytes to stdout as they are.
    static func bytes(_ bytes: [UInt8]) throws(CommandFailure) {
        try reporting {
            try bytes.withUnsafeBytes { try FileWriting.writeAll($0, to: STDOUT_FILENO, "standard output") }
        }
    }

    /// Writes a line to stderr. Nothing in it can add a line or steer a terminal.
    static func note(_ line: String) {
        error(line.visible + "\n")
    }

    /// Writes a warning to stderr, and what to do about it.
    static func warning(_ message: String, hint: String? = nil) {
        note("signet: warning: \(message)")
        if let hint { note("signet: hint: \(hint)") }
    }

    /// Writes lines to stderr.
    static func notes(_ lines: String) {
        error(lines.visibleLines + "\n")
    }

    /// Replaces the last line on a terminal.
    static func progress(_ line: String) {
        error("\r\u{1B}[K\(line)")
    }

    /// A failure to write to stderr cannot be reported anywhere.
    private static func error(_ text: String) {
        Array(text.utf8).withUnsafeBytes { try? FileWriting.writeAll($0, to: STDERR_FILENO, "standard error") }
    }

    /// Whether stderr is a terminal.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}

/// JSON for people: two spaces a level, one member a line; nothing in it can steer a terminal.
enum PrettyJSON {
    static func text(of value: JSONValue, indent: String = "") -> String {
        let inner = indent + "  "
        switch value {
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { inner + text(of: $0, indent: inner) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map { member in
                "\(inner)\(text(of: .string(member.name))): \(text(of: member.value, indent: inner))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
        default:
            return JSONWriter.text(of: value).visible
        }
    }
}
