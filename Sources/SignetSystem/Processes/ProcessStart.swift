/// Starts a program by posix_spawn(3): without a shell, with this process's environment, and with no open descriptor but its output.
package enum ProcessStart {
    /// The system's number for why it does not start.
    package struct Refusal: Error {
        package let number: Int32
    }

    /// Starts it as the leader of a process group, with all signals at their defaults and none blocked. Its input is empty, and
    /// its errors are dropped.
    package static func start(_ command: [String], writingTo output: Int32) throws(Refusal) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        try check(posix_spawn_file_actions_init(&actions))
        defer { posix_spawn_file_actions_destroy(&actions) }
        try check(posix_spawnattr_init(&attributes))
        defer { posix_spawnattr_destroy(&attributes) }
        // The output comes first: it may have the number of one of the others if this process was started without them.
        try check(posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO))
        try check(posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0))
        try check(posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0))
        try check(closeAllOthers(&actions))
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        try check(posix_spawnattr_setpgroup(&attributes, 0))
        try check(posix_spawnattr_setsigdefault(&attributes, &all))
        try check(posix_spawnattr_setsigmask(&attributes, &none))
        try check(posix_spawnattr_setflags(&attributes, flags))

        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        try check(posix_spawnp(&process, command.first ?? "", &actions, &attributes, &arguments, environ))
        return process
    }

    private static func check(_ number: Int32) throws(Refusal) {
        if number != 0 { throw Refusal(number: number) }
    }

    private static let flags = Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)

    /// Signet's descriptors close on exec. Those of a library may not. glibc can close all from 2.34 on, but declares the
    /// function only with _GNU_SOURCE, so it is looked up by its name.
    private static func closeAllOthers(_ actions: inout posix_spawn_file_actions_t) -> Int32 {
        typealias AddCloseFrom = @convention(c) (UnsafeMutableRawPointer, Int32) -> Int32
        guard let found = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return 0 }
        return unsafeBitCast(found, to: AddCloseFrom.self)(&actions, STDERR_FILENO + 1)
    }

    /// The exit status of a process that has ended, or the signal that ended it; from waitid(2).
    package static func status(in information: siginfo_t) -> Int32 {
        information._sifields._sigchld.si_status
    }
}
