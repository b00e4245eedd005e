import SignetJOSE

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Results go to stdout, everything else to stderr.
enum Output {
    /// Writes a line to stdout.
    static func result(_ line: String) throws(CommandFailure) {
        try bytes(Array((line + "\n").utf8))
    }

    /// Writes text to stdout as it stands.
    static func text(_ text: String) throws(CommandFailure) {
        try bytes(Array(text.utf8))
    }

    /// Writes bytes to stdout.
    static func bytes(_ bytes: [UInt8]) throws(CommandFailure) {
        let written = bytes.withUnsafeBytes { contents in
            Result { () throws(FileError) -> Void in
                try FileWriting.writeAll(contents, to: STDOUT_FILENO, "standard output")
            }
        }
        do {
            try written.get()
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Writes a line to stderr. Where that fails there is nobody left to tell.
    static func note(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        bytes.withUnsafeBytes { try? FileWriting.writeAll($0, to: STDERR_FILENO, "standard error") }
    }

    /// Replaces the last line on a terminal.
    static func progress(_ line: String) {
        let bytes = Array("\r\u{1B}[K\(line)".utf8)
        bytes.withUnsafeBytes { try? FileWriting.writeAll($0, to: STDERR_FILENO, "standard error") }
    }

    /// Whether somebody watches stderr.
    static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }
}
