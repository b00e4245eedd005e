/// Completion for fish, by its `complete`.
enum FishCompletion {
    static func script(_ commands: [CommandDeclaration]) -> String {
        let firstWords = Dictionary(grouping: commands, by: { $0.path[0] }).sorted { $0.key < $1.key }
        var lines = ["# fish completion for signet", "complete -c signet -f"]
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
        let operands = command.operands.compactMap { operand -> String? in
            switch operand.completion {
            case .none: nil
            case .file, .directory: "\(head) -F"
            case .words(let words): "\(head) -a '\(words.joined(separator: " "))'"
            }
        }
        return flags + operands
    }

    private static func action(_ completion: Completion) -> String {
        switch completion {
        case .none: " -x"
        case .file, .directory: " -r -F"
        case .words(let words): " -x -a '\(words.joined(separator: " "))'"
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
