import SignetIdentity
import SignetJOSE
import SignetSystem

/// Why a command gave no key. Messages name only the program: an argument may be a secret.
package struct KeyCommandError: CodedError, Equatable {
    /// The kinds of fault.
    package enum Kind: Sendable, Equatable {
        /// There is no such program.
        case notFound
        /// The program exists, but its interpreter or loader does not.
        case noInterpreter
        /// The system does not start it; the system's words.
        case notStarted(String)
        /// It did not end in time, in milliseconds, and was killed.
        case timedOut(Int64)
        /// It wrote more than a key can hold, and was killed.
        case tooLarge
        /// It ended with another status than 0.
        case failed(Int32)
        /// A signal ended it.
        case killed(Int32)
        /// Its status was never seen.
        case statusLost
        /// Signet is stopping and did not wait for it.
        case cancelled
    }

    /// The kind of fault.
    package let kind: Kind
    /// The program, without its arguments.
    package let program: String
    /// Whether it could not be killed.
    package var isLeft = false

    /// `exec-failed`.
    package var code: String { "exec-failed" }

    /// What went wrong.
    package var reason: String {
        let name = JSONWriter.text(of: .string(program)).visible
        let end = isLeft ? "could not be killed" : "was killed"
        return switch kind {
        case .noInterpreter: "\(name) exists, but the interpreter that its first line (#!) names does not"
        case .notFound: "there is no program \(name)"
        case .notStarted(let words): "\(name) cannot be started: \(words)"
        case .timedOut(let limit): "\(name) did not end within \(DurationText.text(limit)), and \(end)"
        case .tooLarge: "\(name) wrote more than a key can be (\(FileReading.keyLimit) bytes), and \(end)"
        case .failed(let status): "\(name) ended with status \(status)"
        case .killed(let number): "\(name) was ended by signal \(number)"
        case .statusLost: "\(name) ended, but its status is lost"
        case .cancelled: "\(name) \(end) before its end: Signet is stopping"
        }
    }

    /// What to do about it.
    package var hint: String? {
        switch kind {
        case _ where isLeft:
            "it runs as another user or hangs in the kernel; it still runs, and Signet does not wait for it"
        case .noInterpreter: "a script names its interpreter by its whole path; a program, its loader"
        case .notFound where program.utf8.contains(UInt8(ascii: " ")):
            "no shell splits the line: write one list item per argument"
        case .notFound where program.utf8.contains(UInt8(ascii: "/")): "a relative path starts at the configuration"
        case .notFound: "it is searched for in $PATH; give its whole path"
        case .notStarted:
            "no shell starts it: it has to be a program, or a script that names its interpreter in a #! line"
        case .timedOut: "it and the processes it starts have to close the output within this time"
        case .tooLarge: "\"exec\" is a command whose whole output is the key"
        case .failed, .killed: "run it by hand: its stderr is dropped, because it may hold secrets"
        case .statusLost:
            "the process that started Signet ignores SIGCHLD, or another part of this process waits for every child"
        case .cancelled: nil
        }
    }
}
