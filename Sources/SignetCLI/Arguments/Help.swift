/// The text of `--help`, made from a command's declaration.
enum Help {
    static func text(of command: CommandDeclaration) -> String {
        var sections = ["signet \(command.name): \(command.summary)"]
        sections.append(section("USAGE", command.usages.map { "signet \(command.name) \($0)".trimmedAtEnd }))
        if !command.discussion.isEmpty { sections.append(command.discussion.joined(separator: "\n")) }
        if !command.operands.isEmpty {
            let rows = command.operands.map { ($0.name + ($0.repeats ? " …" : ""), $0.summary) }
            sections.append(section("ARGUMENTS", table(rows)))
        }
        sections.append(section("OPTIONS", table(command.allFlags.map { (label($0), $0.summary) })))
        sections.append(section("EXIT STATUS", table(exits(of: command))))
        if !command.security.isEmpty { sections.append(section("SECURITY", command.security)) }
        if !command.examples.isEmpty { sections.append(section("EXAMPLES", command.examples)) }
        return sections.joined(separator: "\n\n") + "\n"
    }

    static func overview(_ commands: [CommandDeclaration]) -> String {
        let sections = [
            "signet: signs a customer's identity in the form that each chat vendor expects",
            section("USAGE", ["signet COMMAND …", "signet COMMAND --help", "signet --version"]),
            section("COMMANDS", table(commands.map { ($0.name, $0.summary) })),
            section(
                "EXIT STATUS",
                table([
                    ("0", "done"), ("1", "the answer is no"), ("2", "wrong use or wrong configuration"),
                    ("3", "something outside Signet failed: a file, a socket, a vendor"),
                ])),
            section("EXAMPLES", ["signet init", "signet sign talkative --subject 12345", "signet check"]),
        ]
        return sections.joined(separator: "\n\n") + "\n"
    }

    /// The help of a group of commands: `keys`, say. Nil if there is no such group.
    static func group(_ name: String, _ commands: [CommandDeclaration]) -> String? {
        let members = commands.filter { $0.path.count > 1 && $0.path[0] == name }
        guard !members.isEmpty else { return nil }
        let sections = [
            section("USAGE", ["signet \(name) COMMAND …", "signet \(name) COMMAND --help"]),
            section("COMMANDS", table(members.map { ($0.name, $0.summary) })),
        ]
        return sections.joined(separator: "\n\n") + "\n"
    }

    private static func label(_ flag: Flag) -> String {
        let names = flag.names.joined(separator: ", ")
        return (flag.value.map { "\(names) \($0)" } ?? names) + (flag.repeats ? " …" : "")
    }

    private static func exits(of command: CommandDeclaration) -> [(String, String)] {
        let usual: [(ExitStatus, String)] = [
            (.done, "done"), (.wrongUse, "wrong use or wrong configuration"),
            (.outside, "something outside Signet failed: a file, for example"),
        ]
        let own = command.exits.map { ($0.status, $0.meaning) }
        let all = own + usual.filter { usual in !own.contains { $0.0 == usual.0 } }
        return all.sorted { $0.0.rawValue < $1.0.rawValue }.map { ("\($0.0.rawValue)", $0.1) }
    }

    private static func section(_ title: String, _ lines: [String]) -> String {
        ([title] + lines.map { "  " + $0 }).joined(separator: "\n")
    }

    private static func table(_ rows: [(String, String)]) -> [String] {
        let width = min(28, rows.map(\.0.count).max() ?? 0)
        return rows.flatMap { label, text -> [String] in
            let gap = String(repeating: " ", count: max(0, width - label.count))
            return label.count > width
                ? [label, String(repeating: " ", count: width) + "  " + text] : ["\(label)\(gap)  \(text)"]
        }
    }
}

extension String {
    /// Without spaces at its end.
    fileprivate var trimmedAtEnd: String {
        var text = self
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }
}
