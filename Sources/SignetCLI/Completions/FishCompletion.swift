/// Completion for fish, by its `complete`.
enum FishCompletion {
    static func script(_ commands: [CommandDeclaration]) -> String {
        let firstWords = Dictionary(grouping: commands, by: { $0.path[0] }).sorted { $0.key < $1.key }
        var lines = ["# fish completion for signet", functions, "complete -c signet -f"]
        for (word, members) in firstWords {
            let summary = members.count == 1 ? members[0].summary : "\(word) …"
            lines.append("complete -c signet -n __fish_use_subcommand -a \(word) -d '\(quoted(summary))'")
            guard members[0].path.count > 1 else { continue }
            for member in members {
                let others = members.map { $0.path[1] }.joined(separator: " ")
                lines.append(
                    "complete -c signet -n '__fish_seen_subcommand_from \(word); and not __fish_seen_subcommand_from \(others)'"
                        + " -a \(member.path[1]) -d '\(quoted(member.summary))'")
            }
        }
        for command in commands { lines += self.lines(for: command) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(for command: CommandDeclaration) -> [String] {
        let condition = command.path.map { "__fish_seen_subcommand_from \($0)" }.joined(separator: "; and ")
        let head = "complete -c signet -n '\(condition)'"
        let flags = (command.flags + [.help]).map { flag -> String in
            let short = flag.short.map { " -s \($0.dropFirst())" } ?? ""
            let value = flag.value == nil ? "" : action(flag.completion)
            return "\(head)\(short) -l \(flag.name.dropFirst(2))\(value) -d '\(quoted(flag.summary))'"
        }
        let valued = command.flags.filter { $0.value != nil }.flatMap { [$0.short, $0.name].compactMap { $0 } }
        let operands = command.operands.enumerated().compactMap { index, operand -> String? in
            let test = "test (__signet_operands \(valued.joined(separator: " "))) \(operand.repeats ? "-ge" : "-eq")"
            let head = "complete -c signet -n '\(condition); and \(test) \(command.path.count + index)'"
            switch operand.completion {
            case .none: return nil
            case .file: return "\(head) -F"
            case .directory: return "\(head) -x -a '(__fish_complete_directories)'"
            case .words(let words): return "\(head) -a '\(words.joined(separator: " "))'"
            case .names(let names): return "\(head) -a '(__signet_names \(names.rawValue))'"
            }
        }
        return flags + operands
    }

    private static let functions = """
        # The words before the cursor that are neither flags nor values of the flags that are named.
        function __signet_operands
          set -l words (commandline -opc)
          set -l count -1
          set -l skip 0
          for word in $words
            if test $skip = 1
              set skip 0
            else if contains -- $word $argv
              set skip 1
            else if not string match -q -- '-?*' $word
              set count (math $count + 1)
            end
          end
          echo $count
        end
        function __signet_names
          set -l words (commandline -opc)
          set -l config
          for index in (seq (count $words))
            switch $words[$index]
              case -c --config
                set -l next (math $index + 1)
                set -q words[$next]; and set config --config (string replace -r '^~/' "$HOME/" -- $words[$next])
              case '--config=*'
                set config --config (string replace -- '--config=' '' $words[$index])
            end
          end
          set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
          command $program completions --list $argv[1] $config 2>/dev/null
        end
        """

    private static func action(_ completion: Completion) -> String {
        switch completion {
        case .none: " -x"
        case .file: " -r -F"
        case .directory: " -x -a '(__fish_complete_directories)'"
        case .words(let words): " -x -a '\(words.joined(separator: " "))'"
        case .names(let names): " -x -a '(__signet_names \(names.rawValue))'"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = ""
        for character in text {
            if character == "'" || character == "\\" { result.append("\\") }
            result.append(character)
        }
        return result
    }
}
