/// Completion for bash, with its built-in programmable completion.
enum BashCompletion {
    static func script(_ commands: [CommandDeclaration]) -> String {
        let groups = CommandGroup.all(of: commands)
        let firstWords = groups.map(\.word).joined(separator: " ")
        let groupCases = groups.filter { !$0.secondWords.isEmpty }.map { group in
            "    '\(group.word) '*) flags='\(group.secondWords.joined(separator: " "))' ;;"
        }
        let commandCases = commands.sorted { $0.path.count > $1.path.count }.map { command in
            "    '\(command.name) '*) depth=\(command.path.count) flags='\(command.allFlags.map(\.name).joined(separator: " "))'"
                + " values='\(values(of: command))' operands='\(operands(of: command))'"
                + " repeats=\(command.operands.last?.repeats == true ? 1 : 0) ;;"
        }
        return """
            # bash completion for signet
            _signet_paths() {
              local path
              while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$2")
              # bash then adds a slash to folders and quotes special characters.
              compopt -o filenames 2>/dev/null
            }
            _signet() {
              local program=${1:-signet} current=${COMP_WORDS[COMP_CWORD]} line="${COMP_WORDS[*]:1:COMP_CWORD-1} "
              local depth=0 flags='' values='' operands='' repeats=0
              COMPREPLY=()
              case $line in
            \(commandCases.joined(separator: "\n"))
            \(groupCases.joined(separator: "\n"))
                ' ') flags='\(firstWords) --help --version' ;;
              esac
              # bash takes --flag=value apart.
              [[ $current == = ]] && current=''
              local word flag='' config='' index=0 kind='' words=''
              for word in "${COMP_WORDS[@]:depth+1:COMP_CWORD-depth-1}"; do
                if [[ $word == = ]]; then continue; fi
                if [[ -n $flag ]]; then
                  case $flag in -c|--config) config=$word ;; esac
                  flag=''
                elif [[ $word == -?* ]]; then
                  case " $values" in *" $word:"*) flag=$word ;; esac
                else
                  (( index += 1 ))
                fi
              done
              if [[ -n $flag ]]; then
                kind=" $values"; kind=${kind#*" $flag:"}; kind=${kind%% *}
              elif [[ $current != -* && -n $operands ]]; then
                set -- $operands
                (( repeats && index >= $# )) && index=$(( $# - 1 ))
                (( index < $# )) && { shift "$index"; kind=$1; }
              fi
              case $kind in
                file) _signet_paths -f "$current" ;;
                directory) _signet_paths -d "$current" ;;
                \(ListedNames.allCases.map(\.rawValue).joined(separator: "|")))
                  case $config in '~/'*) config=$HOME/${config#'~/'} ;; esac
                  case $program in '~/'*) program=$HOME/${program#'~/'} ;; esac
                  words=$("$program" completions --list "$kind" ${config:+--config "$config"} 2>/dev/null) ;;
                ''|none) [[ -n $flag ]] || words=$flags ;;
                *) words=${kind//,/ } ;;
              esac
              [[ -z $words ]] || COMPREPLY=($(compgen -W "$words" -- "$current"))
              # If no operand matches, offer flags.
              [[ ${#COMPREPLY[@]} -gt 0 || -n $flag ]] || COMPREPLY=($(compgen -W "$flags" -- "$current"))
            }
            complete -F _signet signet

            """
    }

    /// `-c:file --config:file --output:text,json`.
    private static func values(of command: CommandDeclaration) -> String {
        command.valuedNames.map { "\($0.name):\(kind($0.completion))" }.joined(separator: " ") + " "
    }

    private static func operands(of command: CommandDeclaration) -> String {
        command.operands.map { kind($0.completion) }.joined(separator: " ")
    }

    private static func kind(_ completion: Completion) -> String {
        switch completion {
        case .none: "none"
        case .file: "file"
        case .directory: "directory"
        case .words(let words): words.joined(separator: ",")
        case .names(let names): names.rawValue
        }
    }
}
