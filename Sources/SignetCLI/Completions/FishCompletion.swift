/// Completion for fish, with its `complete`.
enum FishCompletion {
    static func script(_ commands: [CommandDeclaration]) -> String {
        var lines = ["# fish completion for signet", functions, "complete -c signet -f"]
        for group in CommandGroup.all(of: commands) {
            lines.append("complete -c signet -n __fish_use_subcommand -a \(group.word) -d '\(quoted(group.summary))'")
            let others = group.secondWords.joined(separator: " ")
            for member in group.members where !others.isEmpty {
                lines.append(
                    "complete -c signet -n '__fish_seen_subcommand_from \(group.word); and not __fish_seen_subcommand_from \(others)'"
                        + " -a \(member.path[1]) -d '\(quoted(member.summary))'")
            }
        }
        for command in commands { lines += self.lines(for: command) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(for command: CommandDeclaration) -> [String] {
        let condition = command.path.map { "__fish_seen_subcommand_from \($0)" }.joined(separator: "; and ")
        let head = "complete -c signet -n '\(condition)'"
        let flags = command.allFlags.map { flag -> String in
            let short = flag.short.map { " -s \($0.dropFirst())" } ?? ""
            let value = flag.value == nil ? "" : value(flag.completion)
            return "\(head)\(short) -l \(flag.name.dropFirst(2))\(value) -d '\(quoted(flag.summary))'"
        }
        let valued = command.valuedNames.map(\.name)
        let operands = command.operands.enumerated().compactMap { index, operand -> String? in
            let test = "test (__signet_operands \(valued.joined(separator: " "))) \(operand.repeats ? "-ge" : "-eq")"
            let head = "complete -c signet -n '\(condition); and \(test) \(command.path.count + index)'"
            if case .file = operand.completion { return "\(head) -F" }
            return words(operand.completion).map { "\(head) -x -a '\($0)'" }
        }
        return flags + operands
    }

    private static let functions = """
        # Counts the operands before the cursor. The arguments are the flags with a value.
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

    private static func value(_ completion: Completion) -> String {
        if case .file = completion { return " -r -F" }
        return " -x" + (words(completion).map { " -a '\($0)'" } ?? "")
    }

    /// The words that fish offers; nil for files and for anything else.
    private static func words(_ completion: Completion) -> String? {
        switch completion {
        case .none, .file: nil
        case .directory: "(__fish_complete_directories)"
        case .words(let words): words.joined(separator: " ")
        case .names(let names): "(__signet_names \(names.rawValue))"
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
