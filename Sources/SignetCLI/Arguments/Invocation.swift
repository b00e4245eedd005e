import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// One call of a command: its arguments, checked against the declaration.
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
                "signet \(command.name) takes \(limit == 0 ? "no argument" : "at most \(limit) argument\(limit == 1 ? "" : "s")")"
                    + " without a flag",
                hint: "usage: signet \(command.name) \(command.usages[0])")
        }
    }

    private mutating func read(
        _ argument: String, _ rest: inout ArraySlice<String>, of command: CommandDeclaration
    ) throws(CommandFailure) {
        let equals = argument.hasPrefix("--") ? argument.firstIndex(of: "=") : nil
        let name = equals.map { String(argument[..<$0]) } ?? argument
        let flags = command.allFlags
        guard let flag = flags.first(where: { $0.names.contains(name) }) else {
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
                throw CommandFailure(.wrongUse, "\(flag.name) needs a value: \(flag.name) \(flag.value ?? "")")
            }
            value = next
        }
        if !flag.repeats && values[flag.name] != nil {
            throw CommandFailure(.wrongUse, "\(flag.name) is given twice")
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

    /// The operand at an index. It is an error if it is missing.
    func requiredOperand(_ index: Int, _ name: String) throws(CommandFailure) -> String {
        guard let operand = operand(index) else {
            throw CommandFailure(.wrongUse, "\(name) is missing", hint: "--help shows the usage")
        }
        return operand
    }

    /// `K=V` values by their names.
    func pairs(_ flag: String) throws(CommandFailure) -> [String: String] {
        var pairs: [String: String] = [:]
        for text in values(flag) {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw CommandFailure(.wrongUse, "\(flag) needs NAME=VALUE")
            }
            let name = String(text[..<equals])
            guard pairs.updateValue(String(text[text.index(after: equals)...]), forKey: name) == nil else {
                throw CommandFailure(.wrongUse, "\(flag) \(name)=… is given twice")
            }
        }
        return pairs
    }

    /// Whether `--output json` is given.
    func wantsJSON() throws(CommandFailure) -> Bool {
        try choice("--output", of: ["text", "json"]) == "json"
    }

    /// A value from a list of words.
    func choice(_ flag: String, of words: [String], suggesting: Bool = true) throws(CommandFailure) -> String? {
        try choices(flag, of: words, suggesting: suggesting).first
    }

    /// The values of a flag, all from a list of words.
    ///
    /// - Parameter suggesting: Whether the nearest word is suggested. It is not the wanted one where all words look alike.
    func choices(_ flag: String, of words: [String], suggesting: Bool = true) throws(CommandFailure) -> [String] {
        for value in values(flag) where !words.contains(value) {
            throw CommandFailure(
                .wrongUse, "\(flag) is one of \(words.joined(separator: ", "))",
                hint: suggesting ? NearestName.to(value, among: words).map { "did you mean \($0)?" } : nil)
        }
        return values(flag)
    }

    /// The encoding that `--encoding` names.
    func encoding() throws(CommandFailure) -> SecretEncoding? {
        try choice(Flag.encoding.name, of: SecretEncoding.allCases.map(\.rawValue)).flatMap(SecretEncoding.init)
    }

    /// The file that a flag names, or `-`. JSON in the place of a file name is refused.
    func file(_ flag: String) throws(CommandFailure) -> String? {
        guard let path = value(flag) else { return nil }
        guard !path.hasPrefix("{") else {
            throw CommandFailure(.wrongUse, "\(flag) needs a file or -, not the JSON itself")
        }
        return path
    }

    /// The folder that the argument `name` names, if it is given. An empty one is refused, because it would be the root of the file
    /// system.
    func directory(_ path: String?, _ name: String) throws(CommandFailure) -> String? {
        guard path?.isEmpty != true else { throw CommandFailure(.wrongUse, "\(name) is empty") }
        return path
    }

    /// The percentage of `--percent`, as it is written and as a number.
    func percent() throws(CommandFailure) -> (text: String, value: Percentage)? {
        guard let text = value("--percent") else { return nil }
        guard let value = Percentage(text) else {
            throw CommandFailure(
                .wrongUse, "--percent needs a number from 0 to 100 with at most three decimals",
                hint: "for example --percent 12.5")
        }
        return (text, value)
    }

    /// The value of `--subject`. An empty one is refused.
    ///
    /// - Parameter hint: How the command is called for an anonymous visitor.
    func subject(anonymous hint: String) throws(CommandFailure) -> String? {
        guard value("--subject")?.isEmpty != true else {
            throw CommandFailure(.wrongUse, "subject is empty", hint: "for an anonymous visitor, \(hint)")
        }
        return value("--subject")
    }

    /// A name for something new, from the first operand.
    func newName() throws(CommandFailure) -> String {
        try Self.checkName(try requiredOperand(0, "NAME"))
    }

    /// Returns the name, if it has the form of names in a configuration.
    static func checkName(_ name: String) throws(CommandFailure) -> String {
        guard StringForm.name.accepts(name) else {
            throw CommandFailure(
                .wrongUse, "\(JSONWriter.text(of: .string(name))) is not a valid name", hint: StringForm.name.hint)
        }
        return name
    }

    // MARK: Combinations

    /// Refuses flags that exclude another.
    func refuse(_ flags: [String], with other: String) throws(CommandFailure) {
        if has(other), let conflict = flags.first(where: has) {
            throw CommandFailure(.wrongUse, "\(conflict) and \(other) exclude each other")
        }
    }

    /// Refuses flags that need another.
    func refuse(_ flags: [String], unless other: String) throws(CommandFailure) {
        if !has(other), let flag = flags.first(where: has) {
            throw CommandFailure(.wrongUse, "\(flag) needs \(other)")
        }
    }

    /// Refuses `-` for more than one of these files. The second one would be read as empty.
    func refuseStandardInputTwice(_ paths: [String?]) throws(CommandFailure) {
        if paths.count(where: { $0 == StandardInput.path }) > 1 {
            throw CommandFailure(.wrongUse, "standard input can be read only once")
        }
    }
}
