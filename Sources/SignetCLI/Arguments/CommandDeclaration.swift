/// Declares a command: its help, its completions and the reading of its arguments are all taken from here.
struct CommandDeclaration: Sendable {
    /// The words that call it: `["keys", "generate"]`.
    let path: [String]
    /// What it does, in one line.
    let summary: String
    /// The ways to call it, without `signet` and the path.
    let usages: [String]
    /// More about it, a line each.
    var discussion: [String] = []
    /// What can stand there without a flag.
    var operands: [Operand] = []
    /// Its flags, besides `--help`.
    var flags: [Flag] = []
    /// What each exit status means here, beyond what it always means.
    var exits: [(status: ExitStatus, meaning: String)] = []
    /// What to know about secrets.
    var security: [String] = []
    /// Calls that work.
    var examples: [String] = []
    /// Runs it.
    let run: @Sendable (Invocation) throws(CommandFailure) -> ExitStatus

    /// The path as one string.
    var name: String { path.joined(separator: " ") }
}

/// Something that can stand on the command line without a flag.
struct Operand: Sendable {
    let name: String
    let summary: String
    /// Whether several can stand there; then it is the last.
    var repeats = false
    var completion: Completion = .none
}

/// A flag, with a value or without.
struct Flag: Sendable {
    /// With its dashes: `--subject`.
    let name: String
    /// `-c`.
    var short: String?
    /// What the value is called in help, for flags that have one.
    var value: String?
    /// Whether it can stand several times.
    var repeats = false
    let summary: String
    var completion: Completion = .none

    /// A flag without a value.
    static func toggle(_ name: String, _ summary: String) -> Flag {
        Flag(name: name, summary: summary)
    }

    /// A flag with a value.
    static func valued(
        _ name: String, _ value: String, _ summary: String, short: String? = nil, repeats: Bool = false,
        completion: Completion = .none
    ) -> Flag {
        Flag(name: name, short: short, value: value, repeats: repeats, summary: summary, completion: completion)
    }

    static let config = valued(
        "--config", "FILE", "The configuration; else $SIGNET_CONFIG, ./signet.json or ./signet.jsonc.", short: "-c",
        completion: .file)
    static let output = valued(
        "--output", "text|json", "For people, or for programs. Default: text.", completion: .words(["text", "json"]))
    static let help = Flag(name: "--help", short: "-h", summary: "Shows this help.")
}

/// What the shell can offer.
enum Completion: Sendable {
    case none
    case file
    case directory
    case words([String])
    /// Names that the configuration has, or the vendors that there are: `signet completions --list` prints them.
    case names(ListedNames)
}

/// What `signet completions --list` prints.
enum ListedNames: String, CaseIterable, Sendable {
    case routes, connections, keys, vendors
}
