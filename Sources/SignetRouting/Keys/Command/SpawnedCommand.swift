#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A started command and the reading end of its output. What of it is not over when this goes is killed.
///
/// It leads a process group of its own, so that what it started goes with it. It is not reaped before that group is dealt
/// with: until then its number is nobody else's.
final class SpawnedCommand {
    private let program: String
    private let process: pid_t
    private let outlet: Int32
    private var isOver = false

    init(_ command: [String]) throws(KeyCommandError) {
        program = command.first ?? ""
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Self.refusal(errno, program) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        do {
            process = try ProcessStart.start(command, writingTo: ends[1])
        } catch {
            close(ends[0])
            throw Self.refusal(error.number, program)
        }
        outlet = ends[0]
    }

    deinit {
        close(outlet)
        guard !isOver else { return }
        kill(-process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    }

    func fault(_ kind: KeyCommandError.Kind) -> KeyCommandError {
        KeyCommandError(kind: kind, program: program)
    }

    private static func refusal(_ number: Int32, _ program: String) -> KeyCommandError {
        KeyCommandError(
            kind: number == ENOENT ? .notFound : .notStarted(String(cString: strerror(number))), program: program)
    }

    /// Waits for output. 0 once it is closed, by everybody who could write to it.
    func read(
        into memory: UnsafeMutableRawBufferPointer, _ patience: KeyCommand.Patience
    ) throws(KeyCommandError) -> Int {
        while true {
            var waiting = pollfd(fd: outlet, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, try pause(100, patience)) > 0 else { continue }
            #if canImport(Darwin)
                let count = Darwin.read(outlet, memory.baseAddress, memory.count)
            #elseif canImport(Musl)
                let count = Musl.read(outlet, memory.baseAddress, memory.count)
            #else
                let count = Glibc.read(outlet, memory.baseAddress, memory.count)
            #endif
            if count >= 0 { return count }
            guard errno == EINTR || errno == EAGAIN else {
                throw fault(.notStarted(String(cString: strerror(errno))))
            }
        }
    }

    /// Waits until it has ended.
    ///
    /// - Throws: ``KeyCommandError`` unless it ended with status 0.
    func waitForSuccess(_ patience: KeyCommand.Patience) throws(KeyCommandError) {
        // It closed its output just now, so that its end is a matter of moments: SIGCHLD belongs to the process as a whole.
        var interval: Int64 = 1
        while true {
            var status: Int32 = 0
            switch waitpid(process, &status, WNOHANG) {
            case process:
                isOver = true
                let number = status & 0x7F
                if number != 0 { throw fault(.killed(number)) }
                let code = (status >> 8) & 0xFF
                if code != 0 { throw fault(.failed(code)) }
                return
            case 0: break
            default:
                if errno == EINTR { continue }
                isOver = true
                throw fault(.statusLost)
            }
            usleep(UInt32(try pause(interval, patience)) * 1_000)
            interval = min(interval * 2, 50)
        }
    }

    private func pause(_ longest: Int64, _ patience: KeyCommand.Patience) throws(KeyCommandError) -> Int32 {
        switch patience.next(atMost: longest) {
        case .success(let milliseconds): return milliseconds
        case .failure(let end): throw fault(end.kind)
        }
    }
}
