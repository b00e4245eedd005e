/// Completion for zsh, with its `_arguments`.
enum ZshCompletion {
    static func script(_ commands: [CommandDeclaration]) -> String {
        let groups = CommandGroup.all(of: commands)
        let descriptions = groups.map { "    '\($0.word):\(quoted($0.summary))'" }
        let cases = groups.map { group in
            group.secondWords.isEmpty
                ? "    \(group.word))\n\(arguments(of: group.members[0], indent: "      "))\n      ;;"
                : members(of: group)
        }
        return """
            #compdef signet
            _signet_names() {
              local -a names config
              local file=${opt_args[--config]:-$opt_args[-c]}
              [[ -z $file ]] || config=(--config "${(Q)file/#\\~\\//$HOME/}")
              names=(${(f)"$(command "${program/#\\~\\//$HOME/}" completions --list ${@[-1]} $config 2>/dev/null)"})
              # The arguments before the last one come from _arguments and are for compadd.
              compadd "${@[1,-2]}" -a names
            }
            _signet() {
              local -a commands
              local program=${(Q)words[1]}
              commands=(
            \(descriptions.joined(separator: "\n"))
              )
              if (( CURRENT == 2 )); then
                _describe 'command' commands
                return
              fi
              local command=$words[2]
              shift words
              (( CURRENT-- ))
              case $command in
            \(cases.joined(separator: "\n"))
              esac
            }
            if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _signet "$@"; else compdef _signet signet; fi

            """
    }

    private static func members(of group: CommandGroup) -> String {
        let names = group.members.map { "'\($0.path[1]):\(quoted($0.summary))'" }.joined(separator: " ")
        let cases = group.members.map { member in
            "        \(member.path[1]))\n\(arguments(of: member, indent: "          "))\n          ;;"
        }
        return """
                \(group.word))
                  if (( CURRENT == 2 )); then
                    local -a members
                    members=(\(names))
                    _describe 'command' members
                    return
                  fi
                  local member=$words[2]
                  shift words
                  (( CURRENT-- ))
                  case $member in
            \(cases.joined(separator: "\n"))
                  esac
                  ;;
            """
    }

    private static func arguments(of command: CommandDeclaration, indent: String) -> String {
        let flags = command.allFlags.flatMap { flag in
            flag.names.map { name in
                let star = flag.repeats ? "*" : ""
                let value = flag.value.map { ":\(quoted($0)):\(action(flag.completion))" } ?? ""
                return "'\(star)\(name)[\(quoted(flag.summary))]\(value)'"
            }
        }
        let operands = command.operands.map { operand in
            let star = operand.repeats ? "*" : ""
            return "'\(star):\(quoted(operand.name)):\(action(operand.completion))'"
        }
        return "\(indent)_arguments \((flags + operands).joined(separator: " \\\n\(indent)  "))"
    }

    private static func action(_ completion: Completion) -> String {
        switch completion {
        case .none: "()"
        case .file: "_files"
        case .directory: "_files -/"
        case .words(let words): "(\(words.joined(separator: " ")))"
        case .names(let names): "_signet_names \(names.rawValue)"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "'": result += "'\\''"
            case ":": result += "\\:"
            case "[", "]": result += "\\\(character)"
            default: result.append(character)
            }
        }
        return result
    }
}
