import SignetSystem
import Synchronization

/// Takes a running command along when a signal ends this process: in a process group of its own it gets no Ctrl-C of the
/// terminal, and would run on without its time limit.
///
/// Only signals that nobody handles or ignores are met; the gateway has handlers of its own, and asks for ``killCommand()``.
package struct CommandGuard {
    private static let isOn = Atomic(false)
    /// The process group of the command that runs; 0 for none.
    private static let group = Atomic<Int32>(0)

    /// The signals that had their default, and have it again after the command.
    private var taken: [Int32] = []

    /// Says whether it is for this process to be ended by signals. Off unless it was called: a handler is the whole
    /// process's, and a library has none to change.
    package static func isWanted(_ isWanted: Bool) {
        isOn.store(isWanted, ordering: .relaxed)
        // What is made at its first use is made here, and not in a handler.
        group.store(0, ordering: .relaxed)
    }

    /// Kills the command that runs, if one does. Does only what a handler may (signal-safety(7)).
    package static func killCommand() {
        let group = group.load(ordering: .relaxed)
        if group > 0 { kill(-group, SIGKILL) }
    }

    /// Starts a command; no signal comes between its start and its being known.
    mutating func start<Failure: Error>(_ start: () throws(Failure) -> pid_t) throws(Failure) -> pid_t {
        guard Self.isOn.load(ordering: .relaxed) else {
            let process = try start()
            Self.group.store(process, ordering: .relaxed)
            return process
        }
        var mask = sigset_t()
        sigemptyset(&mask)
        let numbers = [SIGHUP, SIGINT, SIGTERM]
        for number in numbers { sigaddset(&mask, number) }
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &mask, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let process = try start()
        Self.group.store(process, ordering: .relaxed)
        for number in numbers {
            if let handler = signal(number, endWithCommand) {
                signal(number, handler)
            } else {
                taken.append(number)
            }
        }
        return process
    }

    /// The command needs it no longer. Called before its number may become somebody else's.
    mutating func leave() {
        Self.group.store(0, ordering: .relaxed)
        for number in taken { signal(number, SIG_DFL) }
        taken = []
    }
}

/// A plain function, which does only what a handler may (signal-safety(7)).
private func endWithCommand(_ number: Int32) {
    CommandGuard.killCommand()
    signal(number, SIG_DFL)
    raise(number)
}
