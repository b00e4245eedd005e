import Foundation

/// Another program with pipes for its input and output.
///
/// With thousands of open descriptors, Foundation's `Process` reads past a buffer, and AddressSanitizer ends the tests.
final class ChildProcess {
    private let process: pid_t
    private let input: FileHandle
    private let output: FileHandle

    init(_ arguments: [String]) throws {
        let (input, output) = (Pipe(), Pipe())
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.fileHandleForReading.fileDescriptor, 0)
        posix_spawn_file_actions_adddup2(&actions, output.fileHandleForWriting.fileDescriptor, 1)
        posix_spawn_file_actions_adddup2(&actions, output.fileHandleForWriting.fileDescriptor, 2)
        for pipe in [input, output] {
            for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
                _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
            }
        }
        let words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        let code = posix_spawnp(&process, arguments[0], &actions, nil, words, environ)
        if code != 0 { throw RawClient.Failure(step: arguments[0], code: code) }
        self.process = process
        self.input = input.fileHandleForWriting
        self.output = output.fileHandleForReading
        try input.fileHandleForReading.close()
        try output.fileHandleForWriting.close()
    }

    func send(_ text: String) {
        input.write(Data(text.utf8))
    }

    /// Waits for output, and returns it.
    func receive() -> Data {
        output.availableData
    }

    /// Closes its standard input, and returns its status and its remaining output.
    func finish() throws -> (status: Int32, output: Data) {
        try input.close()
        return try wait()
    }

    /// Leaves its standard input open until it ends by itself.
    func wait() throws -> (status: Int32, output: Data) {
        let said = try output.readToEnd() ?? Data()
        var status: Int32 = 0
        waitpid(process, &status, 0)
        return (status, said)
    }
}
