import SignetIdentity
import SignetJOSE
import SignetRouting

/// One call of a command: what stood on the command line, read and checked against the declaration.
struct Invocation: Sendable {
    let plugins: [any VendorPlugin.Type]
    let commands: [CommandDeclaration]
    private(set) var operands: [String] = []
    private var values: [String: [String]] = [:]

    init(plugins: [any VendorPlugin.Type], commands: [CommandDeclaration]) {
        self.plugins = plugins
        self.commands = commands
    }

    /// Reads the arguments that follow the command's path.
    init(
        _ arguments: some Collection<String>, of command: CommandDeclaration, plugins: [any VendorPlugin.Type],
        commands: [CommandDeclaration]
    ) throws(CommandFailure) {
        self.init(plugins: plugins, commands: commands)
        var rest = Array(arguments)[...]
        var flagsEnded = false
        while let argument = rest.popFirst() {
            if flagsEnded || argument == "-" || !argument.hasPrefix("-") {
                operands.append(argument)
            } else if argument == "--" {
                flagsEnded = true
            } else {
                try read(argument, &rest, of: command)
            }
        }
        let limit = command.operands.last?.repeats == true ? Int.max : command.operands.count
        guard operands.count <= limit || has(Flag.help.name) else {
            throw CommandFailure(
                .wrongUse,
                "signet \(command.name) takes \(limit == 0 ? "no operands" : "at most \(limit) operand\(limit == 1 ? "" : "s")")",
                hint: "usage: signet \(command.name) \(command.usages[0])")
        }
    }

    private mutating func read(
        _ argument: String, _ rest: inout ArraySlice<String>, of command: CommandDeclaration
    ) throws(CommandFailure) {
        let equals = argument.hasPrefix("--") ? argument.firstIndex(of: "=") : nil
        let name = equals.map { String(argument[..<$0]) } ?? argument
        let flags = command.flags + [.help]
        guard let flag = flags.first(where: { $0.name == name || $0.short == name }) else {
            throw CommandFailure(
                .wrongUse, "signet \(command.name) has no flag \(name)",
                hint: NearestName.to(name, among: flags.map(\.name)).map { "did you mean \($0)?" }
                    ?? "signet \(command.name) --help")
        }
        let value: String
        if flag.value == nil {
            guard equals == nil else { throw CommandFailure(.wrongUse, "\(flag.name) takes no value") }
            value = ""
        } else if let equals {
            value = String(argument[argument.index(after: equals)...])
        } else {
            guard let next = rest.popFirst() else {
                throw CommandFailure(.wrongUse, "\(flag.name) wants a value: \(flag.name) \(flag.value ?? "")")
            }
            value = next
        }
        if !flag.repeats && values[flag.name] != nil {
            throw CommandFailure(.wrongUse, "\(flag.name) stands twice")
        }
        values[flag.name, default: []].append(value)
    }

    // MARK: Values

    func has(_ flag: String) -> Bool {
        values[flag] != nil
    }

    func value(_ flag: String) -> String? {
        values[flag]?.first
    }

    func values(_ flag: String) -> [String] {
        values[flag] ?? []
    }

    /// The operand at an index.
    func operand(_ index: Int) -> String? {
        operands.indices.contains(index) ? operands[index] : nil
    }

    /// The operand at an index, which has to be there.
    func requiredOperand(_ index: Int, _ name: String) throws(CommandFailure) -> String {
        guard let operand = operand(index) else {
            throw CommandFailure(.wrongUse, "\(name) is missing", hint: "--help shows how it is called")
        }
        return operand
    }

    /// `K=V` values by their names.
    func pairs(_ flag: String) throws(CommandFailure) -> [String: String] {
        var pairs: [String: String] = [:]
        for text in values(flag) {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw CommandFailure(.wrongUse, "\(flag) wants NAME=VALUE")
            }
            let name = String(text[..<equals])
            guard pairs.updateValue(String(text[text.index(after: equals)...]), forKey: name) == nil else {
                throw CommandFailure(.wrongUse, "\(flag) \(name)=… stands twice")
            }
        }
        return pairs
    }

    /// Whether results are for programs.
    func wantsJSON() throws(CommandFailure) -> Bool {
        try choice("--output", of: ["text", "json"]) == "json"
    }

    /// A value out of a list of words.
    func choice(_ flag: String, of words: [String]) throws(CommandFailure) -> String? {
        guard let value = value(flag) else { return nil }
        guard words.contains(value) else {
            throw CommandFailure(
                .wrongUse, "\(flag) is one of \(words.joined(separator: ", "))",
                hint: NearestName.to(value, among: words).map { "did you mean \($0)?" })
        }
        return value
    }

    /// Flags that cannot stand together.
    func refuse(_ flags: [String], with other: String) throws(CommandFailure) {
        if has(other), let conflict = flags.first(where: has) {
            throw CommandFailure(.wrongUse, "\(conflict) and \(other) cannot stand together")
        }
    }
}
