/// Completion for zsh, by its `_arguments`.
enum ZshCompletion {
    static func script(_ commands: [CommandDeclaration]) -> String {
        let firstWords = Dictionary(grouping: commands, by: { $0.path[0] }).sorted { $0.key < $1.key }
        let descriptions = firstWords.map { word, members in
            "    '\(word):\(quoted(members.count == 1 ? members[0].summary : "\(word) …", colons: true))'"
        }
        let cases = firstWords.map { word, members in
            members[0].path.count == 1
                ? "    \(word))\n\(arguments(of: members[0], indent: "      "))\n      ;;" : group(word, members)
        }
        return """
            #compdef signet
            _signet_names() {
              local -a names config
              local file=${opt_args[--config]:-$opt_args[-c]}
              [[ -z $file ]] || config=(--config "${(Q)file/#\\~\\//$HOME/}")
              names=(${(f)"$(command "${program/#\\~\\//$HOME/}" completions --list ${@[-1]} $config 2>/dev/null)"})
              # What _arguments puts before our own word is for compadd.
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

    private static func group(_ word: String, _ members: [CommandDeclaration]) -> String {
        let names = members.map { "'\($0.path[1]):\(quoted($0.summary, colons: true))'" }.joined(separator: " ")
        let cases = members.map { member in
            "        \(member.path[1]))\n\(arguments(of: member, indent: "          "))\n          ;;"
        }
        return """
                \(word))
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
        let flags = (command.flags + [.help]).flatMap { flag in
            ([flag.short].compactMap { $0 } + [flag.name]).map { name in
                let star = flag.repeats ? "*" : ""
                let value = flag.value.map { ":\(quoted($0, colons: true)):\(action(flag.completion))" } ?? ""
                return "'\(star)\(name)[\(quoted(flag.summary, colons: true))]\(value)'"
            }
        }
        let operands = command.operands.map { operand in
            let star = operand.repeats ? "*" : ""
            return "'\(star):\(quoted(operand.name, colons: true)):\(action(operand.completion))'"
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

    private static func quoted(_ text: String, colons: Bool) -> String {
        var result = ""
        for character in text {
            switch character {
            case "'": result += "'\\''"
            case ":" where colons: result += "\\:"
            case "[", "]": result += "\\\(character)"
            default: result.append(character)
            }
        }
        return result
    }
}
