/// Declares a command. Its help, its completions and the reading of its arguments all come from here.
struct CommandDeclaration: Sendable {
    /// The words that call it: `["keys", "generate"]`.
    let path: [String]
    /// What it does, in one line.
    let summary: String
    /// The ways to call it, without `signet` and the path.
    let usages: [String]
    /// More about it, a line each.
    var discussion: [String] = []
    /// Its arguments without a flag.
    var operands: [Operand] = []
    /// Its flags, besides `--help`.
    var flags: [Flag] = []
    /// What an exit status means for this command, where that is not the usual meaning.
    var exits: [(status: ExitStatus, meaning: String)] = []
    /// Advice about secrets.
    var security: [String] = []
    /// Calls that work.
    var examples: [String] = []
    /// Runs it.
    let run: @Sendable (Invocation) throws(CommandFailure) -> ExitStatus

    /// The path as one string.
    var name: String { path.joined(separator: " ") }

    /// Its flags with `--help`.
    var allFlags: [Flag] { flags + [.help] }
}

/// An argument without a flag.
struct Operand: Sendable {
    let name: String
    let summary: String
    /// Whether it can be given several times. Only the last operand can.
    var repeats = false
    var completion: Completion = .none
}

/// A flag, with a value or without.
struct Flag: Sendable {
    /// With its dashes: `--subject`.
    let name: String
    /// `-c`.
    var short: String?
    /// The name of the value in the help, for flags that have one.
    var value: String?
    /// Whether it can be given several times.
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
    /// `-c` and `--config`, say.
    var names: [String] { [short, name].compactMap { $0 } }
}

/// What a shell offers for an argument.
enum Completion: Sendable {
    case none
    case file
    case directory
    case words([String])
    /// The names that `signet completions --list` prints.
    case names(ListedNames)
}

/// Names in the configuration, or the names of the vendors.
enum ListedNames: String, CaseIterable, Sendable {
    case routes, connections, keys, vendors
}
