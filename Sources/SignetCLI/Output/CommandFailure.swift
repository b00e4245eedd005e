import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Why a command stops, in the words it is told on stderr.
struct CommandFailure: Error {
    let status: ExitStatus
    /// The lines for stderr, in their order.
    let lines: [String]

    init(_ status: ExitStatus, _ message: String, hint: String? = nil) {
        self.status = status
        lines = ["signet: error: \(message)"] + (hint.map { ["signet: hint: \($0)"] } ?? [])
    }

    init(_ status: ExitStatus, lines: [String]) {
        self.status = status
        self.lines = lines
    }

    init(_ status: ExitStatus, _ error: some CodedError) {
        self.init(status, error.reason, hint: error.hint)
    }

    /// A session was named for a vendor that has none.
    static let needlessSession = CommandFailure(
        .wrongUse, "--session and --for are for vendors that bind their tokens to a session, and this one does not",
        hint: "leave them out")

    /// What names the session of a token.
    static let sessionHint = "--session SID signs for a session that exists, --for create for making one"

    /// A token of a vendor with sessions is to be verified, and no session was named.
    static let nothingSaidOfSession = CommandFailure(
        .wrongUse, "whether the token is right depends on what it is for",
        hint: "--session SID for a session that exists, --for create for making one")

    /// A file that could not be read or written.
    init(_ error: SignetError) {
        self.init(error.isFault(FileFault.exists) ? .wrongUse : .outside, error)
    }

    /// Key material that was refused.
    init(_ error: SignetError, in path: String) {
        self.init(.wrongUse, "\(path): \(error.reason)", hint: error.hint)
    }

    /// A configuration that cannot be used, with all its faults.
    init(_ error: ConfigurationError) {
        self.init(error.isExternal ? .outside : .wrongUse, lines: Self.lines(of: error.diagnostics))
    }

    /// `file:line:column: error: …` and `hint: …`.
    static func lines(of diagnostics: [Diagnostic]) -> [String] {
        diagnostics.flatMap { diagnostic -> [String] in
            // What is about no place in a file is told like any other failure.
            let name = diagnostic.position == nil ? "signet: " : ""
            let text = diagnostic.position == nil ? "signet: error: \(diagnostic.message)" : diagnostic.text
            return [text] + (diagnostic.hint.map { ["\(name)hint: \($0)"] } ?? [])
        }
    }
}

/// Turns an error of the library into what the command says.
func failing<Value, Failure: Error>(
    _ describe: (Failure) -> CommandFailure, _ body: () throws(Failure) -> Value
) throws(CommandFailure) -> Value {
    do {
        return try body()
    } catch {
        throw describe(error)
    }
}
