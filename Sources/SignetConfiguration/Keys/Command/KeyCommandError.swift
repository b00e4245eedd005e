import SignetIdentity
import SignetJOSE
import SignetSystem

/// Why a command gave no key. Of the command line only the program is told: arguments may be anything.
package struct KeyCommandError: CodedError, Equatable {
    /// The kinds of fault.
    package enum Kind: Sendable, Equatable {
        /// There is no such program.
        case notFound
        /// The program is there, and what is to run it is not.
        case noInterpreter
        /// The system does not start it; its words.
        case notStarted(String)
        /// It was not over in time, in milliseconds, and was killed.
        case timedOut(Int64)
        /// It wrote more than a key can be, and was killed.
        case tooLarge
        /// It ended with another status than 0.
        case failed(Int32)
        /// A signal ended it.
        case killed(Int32)
        /// Its status went to somebody else.
        case statusLost
        /// Signet is going down, and did not wait for it.
        case cancelled
    }

    /// The kind of fault.
    package let kind: Kind
    /// The program, without its arguments.
    package let program: String
    /// Whether it could not be killed.
    package var isLeft = false

    /// The same fault of a command that could not be killed.
    var ofOneThatIsLeft: KeyCommandError {
        var error = self
        error.isLeft = true
        return error
    }

    /// `exec-failed`.
    package var code: String { "exec-failed" }

    /// What went wrong.
    package var reason: String {
        let name = JSONWriter.text(of: .string(program)).visible
        let end = isLeft ? "could not be killed" : "was killed"
        switch kind {
        case .noInterpreter: return "\(name) is there, and what its first line (#!) names is not"
        case .notFound: return "there is no program \(name)"
        case .notStarted(let words): return "\(name) cannot be started: \(words)"
        case .timedOut(let limit): return "\(name) was not over after \(Self.duration(limit)), and \(end)"
        case .tooLarge: return "\(name) wrote more than a key can be (\(FileReading.keyLimit) bytes), and \(end)"
        case .failed(let status): return "\(name) ended with status \(status)"
        case .killed(let number): return "\(name) was ended by signal \(number)"
        case .statusLost: return "\(name) ended, and somebody else was told how"
        case .cancelled where isLeft: return "\(name) was not over, and could not be killed: Signet is going down"
        case .cancelled: return "\(name) was killed before it was over: Signet is going down"
        }
    }

    /// What to do about it.
    package var hint: String? {
        switch kind {
        case _ where isLeft: "it runs as another user, or hangs in the kernel: it is still there, and not waited for"
        case .noInterpreter: "a script names its interpreter by its whole path; a program, its loader"
        case .notFound where program.utf8.contains(UInt8(ascii: " ")):
            "no shell takes it apart: write one list item per argument"
        case .notFound where program.utf8.contains(UInt8(ascii: "/")): "a relative path starts at the configuration"
        case .notFound: "it is looked for in $PATH; give its whole path"
        case .notStarted: "no shell is in between: it has to be a program, or a script that names its own in #!"
        case .timedOut: "all of its output has to be closed by then, also by what it started itself"
        case .tooLarge: "\"exec\" is a command whose whole output is the key"
        case .failed, .killed: "run it by hand: what it says on stderr is dropped, for it may hold secrets"
        case .statusLost: "whoever started this process ignores SIGCHLD, or waits for every child"
        case .cancelled: nil
        }
    }

    private static func duration(_ milliseconds: Int64) -> String {
        milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000) s" : "\(milliseconds) ms"
    }
}
