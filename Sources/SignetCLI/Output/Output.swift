import SignetJOSE
import SignetSystem

/// Results go to stdout, everything else to stderr.
enum Output {
    /// Writes a line to stdout, compact JSON or text. Nothing in it can add a line or steer a terminal.
    static func result(_ line: String) throws(CommandFailure) {
        try bytes(Array((line.visible + "\n").utf8))
    }

    /// Writes lines to stdout. Nothing in them can steer a terminal; what they quote has to be visible by itself.
    static func text(_ text: String) throws(CommandFailure) {
        try bytes(Array(text.visibleLines.utf8))
    }

    /// Writes bytes to stdout as they stand.
    static func bytes(_ bytes: [UInt8]) throws(CommandFailure) {
        let written = bytes.withUnsafeBytes { contents in
            Result { () throws(SignetError) -> Void in
                try FileWriting.writeAll(contents, to: STDOUT_FILENO, "standard output")
            }
        }
        do {
            try written.get()
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Writes a line to stderr. Nothing in it can add a line or steer a terminal.
    static func note(_ line: String) {
        error(line.visible + "\n")
    }

    /// Writes lines to stderr.
    static func notes(_ lines: String) {
        error(lines.visibleLines + "\n")
    }

    /// Replaces the last line on a terminal.
    static func progress(_ line: String) {
        error("\r\u{1B}[K\(line)")
    }

    /// Where writing to stderr fails there is nobody left to tell.
    private static func error(_ text: String) {
        Array(text.utf8).withUnsafeBytes { try? FileWriting.writeAll($0, to: STDERR_FILENO, "standard error") }
    }

    /// Whether somebody watches stderr.
    static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }
}
