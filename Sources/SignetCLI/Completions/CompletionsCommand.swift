import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet completions`: completion scripts for shells, made from the commands' declarations.
enum CompletionsCommand {
    static let declaration = CommandDeclaration(
        path: ["completions"], summary: "prints a completion script for a shell",
        usages: [shells.joined(separator: "|"), "--list \(listed.joined(separator: "|"))"],
        discussion: [
            "The scripts call --list for the names in the configuration, one per line. If the configuration cannot be read,",
            "nothing is printed.",
        ],
        operands: [
            Operand(name: "SHELL", summary: "bash, zsh or fish.", completion: .words(shells))
        ],
        flags: [
            .config,
            .valued(
                "--list", listed.joined(separator: "|"), "Prints these names, for the scripts.",
                completion: .words(listed)),
        ],
        examples: [
            "signet completions bash > /etc/bash_completion.d/signet",
            "signet completions zsh > ~/.zfunc/_signet",
            "signet completions fish > ~/.config/fish/completions/signet.fish",
        ],
        run: run)

    private enum Shell: String, CaseIterable {
        case bash, zsh, fish

        func script(_ commands: [CommandDeclaration]) -> String {
            switch self {
            case .bash: BashCompletion.script(commands)
            case .zsh: ZshCompletion.script(commands)
            case .fish: FishCompletion.script(commands)
            }
        }
    }

    private static let shells = Shell.allCases.map(\.rawValue)
    private static let listed = ListedNames.allCases.map(\.rawValue)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        if let word = try invocation.choice("--list", of: listed), let kind = ListedNames(rawValue: word) {
            guard invocation.operands.isEmpty else {
                throw CommandFailure(.wrongUse, "SHELL and --list exclude each other")
            }
            try Output.text(names(kind, invocation).map { "\($0)\n" }.joined())
            return .done
        }
        let name = try invocation.requiredOperand(0, "SHELL")
        guard let shell = Shell(rawValue: name) else {
            throw CommandFailure(
                .wrongUse, "no completions for \(JSONWriter.text(of: .string(name)))",
                hint: "valid: \(shells.joined(separator: ", "))")
        }
        try Output.text(shell.script(invocation.commands))
        return .done
    }

    /// The names in the file. No key is loaded, and an error elsewhere in the file does not matter. Invalid names are left out.
    private static func names(_ kind: ListedNames, _ invocation: Invocation) -> [String] {
        if kind == .vendors { return invocation.plugins.map { $0.vendor.name } }
        let path = invocation.configurationPath
        // A shell that completes has no standard input to read.
        guard path != "-", let bytes = try? FileReading.bytes(atPath: path),
            let source = try? ConfigurationSource(file: path, bytes: bytes)
        else { return [] }
        return (source.root.member(kind.rawValue)?.value.members ?? []).map(\.name).filter(StringForm.name.accepts)
    }
}

/// The commands with the same first word: one command, or the members of a group like `keys`.
struct CommandGroup {
    let word: String
    let members: [CommandDeclaration]

    /// All groups, sorted by their words.
    static func all(of commands: [CommandDeclaration]) -> [CommandGroup] {
        Dictionary(grouping: commands, by: { $0.path[0] }).sorted { $0.key < $1.key }
            .map { CommandGroup(word: $0, members: $1) }
    }

    /// The members' second words; empty for a single command.
    var secondWords: [String] { members.compactMap { $0.path.dropFirst().first } }

    var summary: String { secondWords.isEmpty ? members[0].summary : "\(word) …" }
}

extension CommandDeclaration {
    /// The flags with a value, each with all of its names.
    var valuedNames: [(name: String, completion: Completion)] {
        flags.filter { $0.value != nil }.flatMap { flag in flag.names.map { ($0, flag.completion) } }
    }
}
