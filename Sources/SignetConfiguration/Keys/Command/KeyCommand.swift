import SignetIdentity
import SignetJOSE
import SignetSystem
import Synchronization

/// A command whose whole output is a key. It is started without a shell, has nothing to read, and has a time limit.
///
/// It leads a process group of its own, so that the processes it started are killed with it, unless they made a group or session
/// of their own. It is reaped only after its group was killed: until then no other process can get its number.
package struct KeyCommand: Sendable {
    /// How long it may take until it has ended and its output is closed, in milliseconds.
    package static let timeLimit: Int64 = 10_000
    /// How long a killed process may take to end, in milliseconds.
    private static let killingTime: Int64 = 1_000
    /// How often a process is asked whether it has ended, in milliseconds.
    private static let interval: Int64 = 2

    /// The process group of the command that runs; 0 for none.
    fileprivate static let runningGroup = Atomic<Int32>(0)
    /// Whether a command is being started whose process group is not known yet.
    fileprivate static let isStarting = Atomic<Bool>(false)
    /// Whether this process is ending, so that no command starts any more.
    fileprivate static let isEnding = Atomic<Bool>(false)
    /// Processes that could not be killed. They are reaped before a later command is started.
    private static let unkillable = Lock<[pid_t]>([])

    private let command: [String]
    private let limit: Int64

    /// - Parameters:
    ///   - command: The program and its arguments. A program without a slash is searched for in `$PATH`.
    ///   - limit: How long it may take, in milliseconds.
    package init(_ command: [String], within limit: Int64 = timeLimit) {
        self.command = command
        self.limit = limit
    }

    /// Runs the command and returns its output. On a failure it is killed.
    ///
    /// - Parameter isCancelled: Called again and again while the command runs; true ends the waiting.
    package func output(
        unless isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(KeyCommandError) -> SecretBytes {
        let deadline = MonotonicTime.now.advanced(byMilliseconds: limit)
        /// How long to sleep before the next look, in milliseconds.
        func pause(_ longest: Int64) throws(KeyCommandError) -> Int32 {
            if isCancelled() { throw fault(.cancelled) }
            let left = MonotonicTime.now.milliseconds(until: deadline)
            guard left > 0 else { throw fault(.timedOut(limit)) }
            return Int32(min(left, longest))
        }
        let (process, outlet) = try start()
        defer { close(outlet) }
        let secret: SecretBytes
        do {
            secret = try readAll(from: outlet, pause)
            try waitForSuccess(of: process, pause)
        } catch {
            var error = error
            // A process whose status is lost is gone, and its number may belong to another process.
            if error.kind == .statusLost { Self.forgetGroup() } else { error.isLeft = !Self.end(process) }
            throw error
        }
        Self.forgetGroup()
        Self.reap(process)
        // The read needed room for the largest key. What is kept is as large as the secret.
        return secret.withUnsafeBytes { SecretBytes(copying: $0) }
    }

    private func fault(_ kind: KeyCommandError.Kind) -> KeyCommandError {
        KeyCommandError(kind: kind, program: command.first ?? "")
    }

    // MARK: Start

    /// The process, and the reading end of its output.
    private func start() throws(KeyCommandError) -> (process: pid_t, outlet: Int32) {
        Self.unkillable.withLock { processes in
            processes.removeAll { waitpid($0, nil, WNOHANG) != 0 }
        }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw refusal(errno) }
        defer { close(ends[1]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        do {
            let process = try withEndingSignalsBlocked { () throws(ProcessStart.Refusal) -> pid_t? in
                Self.isStarting.store(true, ordering: .sequentiallyConsistent)
                defer { Self.isStarting.store(false, ordering: .sequentiallyConsistent) }
                guard !Self.isEnding.load(ordering: .sequentiallyConsistent) else { return nil }
                let process = try ProcessStart.start(command, writingTo: ends[1])
                Self.runningGroup.store(process, ordering: .sequentiallyConsistent)
                return process
            }
            if let process { return (process, ends[0]) }
        } catch {
            close(ends[0])
            throw refusal(error.number)
        }
        close(ends[0])
        throw fault(.cancelled)
    }

    private func refusal(_ number: Int32) -> KeyCommandError {
        guard number == ENOENT else { return fault(.notStarted(String(cString: strerror(number)))) }
        return fault(programExists ? .noInterpreter : .notFound)
    }

    private var programExists: Bool {
        let program = command.first ?? ""
        guard !program.utf8.contains(UInt8(ascii: "/")) else { return access(program, F_OK) == 0 }
        let folders = getenv("PATH").map { String(cString: $0) } ?? ""
        return folders.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    // MARK: Output and end

    /// Reads until every process that could write to the output has closed it.
    private func readAll(
        from outlet: Int32, _ pause: (Int64) throws(KeyCommandError) -> Int32
    ) throws(KeyCommandError) -> SecretBytes {
        try SecretBytes(capacity: FileReading.keyLimit + 1) { memory throws(KeyCommandError) -> Int in
            var count = 0
            while count < memory.count {
                var waiting = pollfd(fd: outlet, events: Int16(POLLIN), revents: 0)
                guard poll(&waiting, 1, try pause(100)) > 0 else { continue }
                let rest = UnsafeMutableRawBufferPointer(rebasing: memory[count...])
                let length = read(outlet, rest.baseAddress, rest.count)
                if length == 0 { return count }
                if length > 0 { count += length } else if errno != EINTR { throw refusal(errno) }
            }
            throw fault(.tooLarge)
        }
    }

    /// Waits until the command has ended. Does not reap it: a failed command's group is killed first.
    private func waitForSuccess(
        of process: pid_t, _ pause: (Int64) throws(KeyCommandError) -> Int32
    ) throws(KeyCommandError) {
        while true {
            var information = siginfo_t()
            if waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) != 0 {
                if errno == EINTR { continue }
                throw fault(.statusLost)
            }
            if information.si_signo == SIGCHLD {
                let status = ProcessStart.status(in: information)
                guard information.si_code == Int32(CLD_EXITED) else { throw fault(.killed(status)) }
                guard status == 0 else { throw fault(.failed(status)) }
                return
            }
            // Its output is closed, so it ends soon. SIGCHLD belongs to the whole process and is not waited for.
            usleep(UInt32(try pause(Self.interval)) * 1_000)
        }
    }

    /// Kills a command with its group and waits a moment for its end.
    ///
    /// - Returns: false for a process that cannot be killed: it runs as another user, or hangs in the kernel.
    private static func end(_ process: pid_t) -> Bool {
        kill(-process, SIGKILL)
        forgetGroup()
        let deadline = MonotonicTime.now.advanced(byMilliseconds: killingTime)
        while !reap(process, WNOHANG) {
            guard MonotonicTime.now < deadline else {
                unkillable.withLock { $0.append(process) }
                return false
            }
            usleep(UInt32(interval) * 1_000)
        }
        return true
    }

    /// Whether the process is gone.
    @discardableResult private static func reap(_ process: pid_t, _ options: Int32 = 0) -> Bool {
        while true {
            let found = waitpid(process, nil, options)
            if found >= 0 || errno != EINTR { return found != 0 }
        }
    }

    private static func forgetGroup() {
        runningGroup.store(0, ordering: .relaxed)
    }
}

// MARK: Signals

extension KeyCommand {
    private static let endingSignals = [SIGHUP, SIGINT, SIGTERM]

    /// From now on a signal that ends this process kills the running command first. In a process group of its own the command
    /// gets no Ctrl-C of the terminal, and would run on without its time limit.
    ///
    /// Signals that are ignored or handled stay so. A signal handler belongs to the whole process, so a library never calls this.
    package static func endWithProcess() {
        // A signal handler must not initialise them.
        forgetGroup()
        isStarting.store(false, ordering: .relaxed)
        isEnding.store(false, ordering: .relaxed)
        for number in endingSignals {
            // A nil pointer is SIG_DFL.
            if let handler = signal(number, endWithCommand) { signal(number, handler) }
        }
    }

    /// Kills the running command, if there is one, before this process ends: no other command starts after it.
    /// Async-signal-safe (signal-safety(7)).
    package static func killRunning() {
        isEnding.store(true, ordering: .sequentiallyConsistent)
        // Another thread may be starting a command at this moment. Its group is known soon; a second is the limit.
        var left = 1_000
        while isStarting.load(ordering: .sequentiallyConsistent), left > 0 {
            var millisecond = timespec(tv_sec: 0, tv_nsec: 1_000_000)
            nanosleep(&millisecond, nil)
            left -= 1
        }
        let group = runningGroup.load(ordering: .sequentiallyConsistent)
        if group > 0 { kill(-group, SIGKILL) }
    }

    private func withEndingSignalsBlocked<Failure: Error, Result>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in Self.endingSignals { sigaddset(&mask, number) }
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &mask, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        return try body()
    }
}

/// A plain function: a signal handler cannot be a closure that captures. Async-signal-safe (signal-safety(7)).
private func endWithCommand(_ number: Int32) {
    KeyCommand.killRunning()
    signal(number, SIG_DFL)
    raise(number)
}
