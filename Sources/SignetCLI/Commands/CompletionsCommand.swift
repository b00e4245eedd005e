import SignetJOSE

/// `signet completions`: scripts for shells, made of the commands' declarations.
enum CompletionsCommand {
    static let declaration = CommandDeclaration(
        path: ["completions"], summary: "prints a completion script for a shell",
        usages: ["bash|zsh|fish"],
        operands: [
            Operand(name: "SHELL", summary: "bash, zsh or fish.", completion: .words(["bash", "zsh", "fish"]))
        ],
        examples: [
            "signet completions bash > /etc/bash_completion.d/signet",
            "signet completions zsh > ~/.zfunc/_signet",
            "signet completions fish > ~/.config/fish/completions/signet.fish",
        ],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
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
}
