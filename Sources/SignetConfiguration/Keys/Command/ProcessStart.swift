import SignetSystem

/// Starts a program by posix_spawn(3): no shell, the environment as it is, and of the descriptors only its output.
enum ProcessStart {
    /// The system's number for why it does not start.
    struct Refusal: Error {
        let number: Int32
    }

    /// Starts it as the leader of a process group, with every signal as it is by default and none blocked.
    static func start(_ command: [String], writingTo output: Int32) throws(Refusal) -> pid_t {
        var actions = FileActions()
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The output comes first: it may have the number of one of the others, where this process was started without.
        for number in [
            posix_spawn_file_actions_init(&actions),
            posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO),
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0),
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0),
            closeAllOthers(&actions),
        ] where number != 0 { throw Refusal(number: number) }

        var attributes = Attributes()
        defer { posix_spawnattr_destroy(&attributes) }
        var all = sigset_t()
        sigfillset(&all)
        var none = sigset_t()
        sigemptyset(&none)
        for number in [
            posix_spawnattr_init(&attributes), posix_spawnattr_setpgroup(&attributes, 0),
            posix_spawnattr_setsigdefault(&attributes, &all), posix_spawnattr_setsigmask(&attributes, &none),
            posix_spawnattr_setflags(&attributes, flags),
        ] where number != 0 { throw Refusal(number: number) }

        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let number = posix_spawnp(&process, command.first ?? "", &actions, &attributes, &arguments, environ)
        guard number == 0 else { throw Refusal(number: number) }
        return process
    }

    #if canImport(Darwin)
        private typealias FileActions = posix_spawn_file_actions_t?
        private typealias Attributes = posix_spawnattr_t?

        private static let flags = Int16(
            POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_CLOEXEC_DEFAULT)

        private static func closeAllOthers(_ actions: inout FileActions) -> Int32 { 0 }
    #else
        private typealias FileActions = posix_spawn_file_actions_t
        private typealias Attributes = posix_spawnattr_t

        private static let flags = Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)

        /// Our own descriptors close by themselves; those of the libraries need not. glibc can close them all from 2.34 on
        /// and declares it for GNU's own programs alone, so it is asked for by its name.
        private static func closeAllOthers(_ actions: inout FileActions) -> Int32 {
            typealias AddCloseFrom = @convention(c) (UnsafeMutableRawPointer, Int32) -> Int32
            guard let found = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return 0 }
            return unsafeBitCast(found, to: AddCloseFrom.self)(&actions, STDERR_FILENO + 1)
        }
    #endif
}
