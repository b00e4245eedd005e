import SignetSystem

/// The three descriptors that a program takes for granted: standard input, output and error.
enum StandardDescriptors {
    /// Opens /dev/null on each that is closed: otherwise the next file that is opened gets its number, and what is meant for
    /// standard error goes into that file. Called before any other file is opened.
    ///
    /// Each is opened the wrong way round, but for standard error: a command that reads its input or writes a result still fails.
    ///
    /// - Returns: Whether all three are open.
    static func ensureOpen() -> Bool {
        [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)].allSatisfy { number, mode in
            if fcntl(number, F_GETFD) >= 0 { return true }
            // The system hands out the lowest number that is free.
            return open("/dev/null", mode) == number
        }
    }
}
