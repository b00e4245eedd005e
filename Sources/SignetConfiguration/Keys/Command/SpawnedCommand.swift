import SignetIdentity
import SignetJOSE
import SignetSystem

/// A started command and the reading end of its output. What of it is not over when this goes is killed.
///
/// It leads a process group of its own, so that what it started goes with it, unless that made a group or session of its own.
/// It is not reaped before that group is dealt with: until then its number is nobody else's.
final class SpawnedCommand {
    private let program: String
    private let process: pid_t
    private let outlet: Int32
    private var isOver = false
    private var guardian = CommandGuard()

    init(_ command: [String]) throws(KeyCommandError) {
        program = command.first ?? ""
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Self.refusal(errno, program) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        LeftCommands.reap()
        do {
            process = try guardian.start { () throws(ProcessStart.Refusal) in
                try ProcessStart.start(command, writingTo: ends[1])
            }
        } catch {
            close(ends[0])
            throw Self.refusal(error.number, program)
        }
        outlet = ends[0]
    }

    deinit {
        close(outlet)
        _ = end()
    }

    /// Kills what is still of it, and waits for that a moment.
    ///
    /// - Returns: Whether it is over. A process of another user cannot be killed, and one that hangs in the kernel not yet: it
    ///   is left alone then.
    func end() -> Bool {
        guard !isOver else { return true }
        isOver = true
        kill(-process, SIGKILL)
        guardian.leave()
        let end = MonotonicTime.now.advanced(byMilliseconds: Self.killingTime)
        var interval: UInt32 = 1
        while true {
            var status: Int32 = 0
            let found = waitpid(process, &status, WNOHANG)
            if found == process || found < 0 && errno != EINTR { return true }
            guard MonotonicTime.now.milliseconds(until: end) > 0 else { break }
            usleep(interval * 1_000)
            interval = min(interval * 2, 50)
        }
        LeftCommands.add(process)
        return false
    }

    /// How long a killed process may take to be gone, in milliseconds.
    private static let killingTime: Int64 = 1_000

    func fault(_ kind: KeyCommandError.Kind) -> KeyCommandError {
        KeyCommandError(kind: kind, program: program)
    }

    private static func refusal(_ number: Int32, _ program: String) -> KeyCommandError {
        guard number == ENOENT else {
            return KeyCommandError(kind: .notStarted(String(cString: strerror(number))), program: program)
        }
        return KeyCommandError(kind: isThere(program) ? .noInterpreter : .notFound, program: program)
    }

    /// Whether there is a program of that path or, without a slash, of that name in `$PATH`.
    private static func isThere(_ program: String) -> Bool {
        guard !program.utf8.contains(UInt8(ascii: "/")) else { return access(program, F_OK) == 0 }
        let folders = getenv("PATH").map { String(cString: $0) } ?? ""
        return folders.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    /// Waits for output. 0 once it is closed, by everybody who could write to it.
    func read(
        into memory: UnsafeMutableRawBufferPointer, _ patience: KeyCommand.Patience
    ) throws(KeyCommandError) -> Int {
        while true {
            var waiting = pollfd(fd: outlet, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, try pause(100, patience)) > 0 else { continue }
            let count = readBytes(outlet, memory)
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
            // Only looked at: what is still of a command that failed is killed before its number is free.
            var information = siginfo_t()
            if waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) != 0 {
                if errno == EINTR { continue }
                isOver = true
                guardian.leave()
                throw fault(.statusLost)
            }
            if information.si_signo == SIGCHLD {
                let status = Self.status(in: information)
                guard Int(information.si_code) == Int(CLD_EXITED) else { throw fault(.killed(status)) }
                guard status == 0 else { throw fault(.failed(status)) }
                isOver = true
                guardian.leave()
                var reaped: Int32 = 0
                while waitpid(process, &reaped, 0) < 0 && errno == EINTR {}
                return
            }
            usleep(UInt32(try pause(interval, patience)) * 1_000)
            interval = min(interval * 2, 50)
        }
    }

    /// The exit status, or the signal.
    private static func status(in information: siginfo_t) -> Int32 {
        #if canImport(Darwin)
            information.si_status
        #elseif canImport(Musl)
            information.__si_fields.__si_common.__second.__sigchld.si_status
        #else
            information._sifields._sigchld.si_status
        #endif
    }

    private func pause(_ longest: Int64, _ patience: KeyCommand.Patience) throws(KeyCommandError) -> Int32 {
        switch patience.next(atMost: longest) {
        case .success(let milliseconds): return milliseconds
        case .failure(let end): throw fault(end.kind)
        }
    }
}
