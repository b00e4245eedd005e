/// Completion for bash, by the programmable completion that every bash has.
enum BashCompletion {
    static func script(_ commands: [CommandDeclaration]) -> String {
        let firstWords = Set(commands.map { $0.path[0] }).sorted().joined(separator: " ")
        let groups = Dictionary(grouping: commands.filter { $0.path.count > 1 }, by: { $0.path[0] })
        let groupCases = groups.sorted { $0.key < $1.key }.map { group, members in
            "    '\(group) '*) words='\(members.map { $0.path[1] }.joined(separator: " "))' ;;"
        }
        let commandCases = commands.sorted { $0.path.count > $1.path.count }.map { command in
            "    '\(command.name) '*) words='\(words(of: command))' ;;"
        }
        let valueCases = valueWords(commands).map { flag, words in
            "    \(flag)) COMPREPLY=($(compgen -W '\(words)' -- \"$current\")); return ;;"
        }
        return """
            # bash completion for signet
            _signet() {
              local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=''
              local line="${COMP_WORDS[*]:1:COMP_CWORD-1} "
              case $previous in
            \(valueCases.joined(separator: "\n"))
                \(fileFlags(commands).joined(separator: "|"))) COMPREPLY=($(compgen -f -- "$current")); return ;;
              esac
              case $line in
            \(commandCases.joined(separator: "\n"))
            \(groupCases.joined(separator: "\n"))
                ' ') words='\(firstWords) --help --version' ;;
              esac
              COMPREPLY=($(compgen -W "$words" -- "$current"))
              [[ ${#COMPREPLY[@]} -gt 0 || $current == -* ]] || COMPREPLY=($(compgen -f -- "$current"))
            }
            complete -F _signet signet

            """
    }

    private static func words(of command: CommandDeclaration) -> String {
        let operands = command.operands.flatMap { operand -> [String] in
            if case .words(let words) = operand.completion { words } else { [] }
        }
        return (operands + (command.flags + [.help]).map(\.name)).joined(separator: " ")
    }

    private static func valueWords(_ commands: [CommandDeclaration]) -> [(String, String)] {
        var found: [String: String] = [:]
        for flag in commands.flatMap(\.flags) {
            if case .words(let words) = flag.completion { found[flag.name] = words.joined(separator: " ") }
        }
        return found.sorted { $0.key < $1.key }
    }

    private static func fileFlags(_ commands: [CommandDeclaration]) -> [String] {
        let names = commands.flatMap(\.flags).flatMap { flag -> [String] in
            switch flag.completion {
            case .file, .directory: [flag.name] + [flag.short].compactMap { $0 }
            case .none, .words: []
            }
        }
        return Set(names).sorted()
    }
}
