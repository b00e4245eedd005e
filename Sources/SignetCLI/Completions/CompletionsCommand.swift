import SignetIdentity
import SignetJOSE
import SignetRouting

/// `signet completions`: scripts for shells, made of the commands' declarations.
enum CompletionsCommand {
    static let declaration = CommandDeclaration(
        path: ["completions"], summary: "prints a completion script for a shell",
        usages: ["bash|zsh|fish", "--list \(listed.joined(separator: "|"))"],
        discussion: [
            "The scripts call --list for the names that the configuration has, one a line. A configuration that cannot be read",
            "has none, and nothing is said about it.",
        ],
        operands: [
            Operand(name: "SHELL", summary: "bash, zsh or fish.", completion: .words(["bash", "zsh", "fish"]))
        ],
        flags: [
            .config,
            .valued(
                "--list", listed.joined(separator: "|"), "Prints the names of these, for the scripts.",
                completion: .words(listed)),
        ],
        examples: [
            "signet completions bash > /etc/bash_completion.d/signet",
            "signet completions zsh > ~/.zfunc/_signet",
            "signet completions fish > ~/.config/fish/completions/signet.fish",
        ],
        run: run)

    private static let listed = ListedNames.allCases.map(\.rawValue)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        if let word = try invocation.choice("--list", of: listed), let kind = ListedNames(rawValue: word) {
            guard invocation.operands.isEmpty else {
                throw CommandFailure(.wrongUse, "SHELL and --list cannot stand together")
            }
            try Output.text(names(kind, invocation).map { "\($0)\n" }.joined())
            return .done
        }
        let shell = try invocation.requiredOperand(0, "SHELL")
        let commands = invocation.commands
        switch shell {
        case "bash": try Output.text(BashCompletion.script(commands))
        case "zsh": try Output.text(ZshCompletion.script(commands))
        case "fish": try Output.text(FishCompletion.script(commands))
        default:
            throw CommandFailure(
                .wrongUse, "no completions for \(JSONWriter.text(of: .string(shell)))", hint: "valid: bash, zsh, fish")
        }
        return .done
    }

    /// The names in the file's text. No key is loaded, and a fault elsewhere in the file hides no name. A text that does not have the
    /// form of a name is left out.
    private static func names(_ kind: ListedNames, _ invocation: Invocation) -> [String] {
        if kind == .vendors { return invocation.plugins.map { $0.vendor.name } }
        let path = invocation.configurationPath
        // Nobody types a configuration while a shell completes.
        guard path != "-", let bytes = try? FileReading.bytes(atPath: path),
            let source = try? ConfigurationSource(file: path, bytes: bytes)
        else { return [] }
        return (source.root.member(kind.rawValue)?.value.members ?? []).map(\.name).filter(StringForm.name.accepts)
    }
}
