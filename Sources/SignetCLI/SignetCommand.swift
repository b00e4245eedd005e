import SignetIdentity
import SignetJOSE
import SignetRouting

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The `signet` command. A company with a vendor of its own calls it with one plugin more, and has its own `signet`:
///
/// ```swift
/// SignetCommand.run(plugins: .builtIn + [Mine.self])
/// ```
public enum SignetCommand {
    /// The release.
    public static let version = "0.1.0"

    /// Runs the command that the process was called with, and ends the process.
    public static func run(plugins: [any VendorPlugin.Type]) -> Never {
        if CommandLine.argc > 1, let command = CommandLine.unsafeArgv[1], strcmp(command, "serve") == 0 {
            ProcessSignals.hold()
        }
        guard StandardDescriptors.ensureOpen() else { exit(ExitStatus.outside.rawValue) }
        guard let arguments else {
            Output.note("signet: error: an argument is not valid UTF-8")
            exit(ExitStatus.wrongUse.rawValue)
        }
        // A file over the limit is an error like any other, and no reason to die with a draft left behind.
        signal(SIGXFSZ, SIG_IGN)
        // Whoever started this process may have ignored it, and then nobody is told how a key's command ended.
        signal(SIGCHLD, SIG_DFL)
        // Ctrl-C reaches this process alone, and not the command that a key comes from.
        KeyCommand.endWithProcess()
        exit(run(arguments, plugins: plugins))
    }

    /// What the process was called with, or nil where a part of it is no UTF-8. Swift's own list is repaired, and a subject
    /// that was repaired is somebody else's.
    private static var arguments: [String]? {
        var arguments: [String] = []
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let bytes = CommandLine.unsafeArgv[index], let text = String(validatingCString: bytes) else {
                return nil
            }
            arguments.append(text)
        }
        return arguments
    }

    /// Runs a command and returns its exit status.
    static func run(_ arguments: [String], plugins: [any VendorPlugin.Type]) -> Int32 {
        do {
            return try dispatch(arguments, plugins: plugins).rawValue
        } catch {
            for line in error.lines { Output.note(line) }
            return error.status.rawValue
        }
    }

    private static func dispatch(
        _ arguments: [String], plugins: [any VendorPlugin.Type]
    ) throws(CommandFailure) -> ExitStatus {
        let commands = CommandList.all
        guard let first = arguments.first else {
            Output.notes(Help.overview(commands))
            return .wrongUse
        }
        if ["--help", "-h", "help"].contains(first) {
            try Output.text(try help(Array(arguments.dropFirst()), commands))
            return .done
        }
        if ["--version", "-V"].contains(first) {
            try Output.result("signet \(version)")
            return .done
        }
        guard let command = command(for: arguments, among: commands) else {
            if arguments.count == 2, ["--help", "-h", "help"].contains(arguments[1]),
                let group = Help.group(first, commands)
            {
                try Output.text(group)
                return .done
            }
            throw unknown(arguments, commands)
        }
        let invocation = try Invocation(
            arguments.dropFirst(command.path.count), of: command, plugins: plugins, commands: commands)
        guard !invocation.has(Flag.help.name) else {
            try Output.text(Help.text(of: command))
            return .done
        }
        return try command.run(invocation)
    }

    private static func command(
        for arguments: [String], among commands: [CommandDeclaration]
    ) -> CommandDeclaration? {
        commands.filter { arguments.starts(with: $0.path) }.max { $0.path.count < $1.path.count }
    }

    private static func help(
        _ path: [String], _ commands: [CommandDeclaration]
    ) throws(CommandFailure) -> String {
        guard let first = path.first, !["--help", "-h"].contains(first) else { return Help.overview(commands) }
        if let command = command(for: path, among: commands) { return Help.text(of: command) }
        if path.count == 1, let group = Help.group(first, commands) { return group }
        throw unknown(path, commands)
    }

    private static func unknown(_ arguments: [String], _ commands: [CommandDeclaration]) -> CommandFailure {
        let (first, second) = (arguments[0], arguments.dropFirst().first)
        if first.hasPrefix("-") { return flagWithoutCommand(arguments, commands) }
        let group = commands.filter { $0.path.count > 1 && $0.path[0] == first }.map { $0.path[1] }
        guard group.isEmpty else {
            let near = second.flatMap { NearestName.to($0, among: group) }
            let message =
                second.map { "signet \(first) has no command \(UnknownName.quoted($0)): it" } ?? "signet \(first)"
            return CommandFailure(
                .wrongUse, "\(message) is followed by \(group.joined(separator: ", "))",
                hint: near.map { "did you mean \"signet \(first) \($0)\"?" } ?? "signet \(first) --help")
        }
        let near = first == "version" ? "--version" : NearestName.to(first, among: commands.map { $0.path[0] })
        return CommandFailure(
            .wrongUse, "there is no command \(UnknownName.quoted(first))",
            hint: near.map { "did you mean \"signet \($0)\"?" } ?? "signet --help")
    }

    /// A flag stands where a command is expected.
    private static func flagWithoutCommand(
        _ arguments: [String], _ commands: [CommandDeclaration]
    ) -> CommandFailure {
        let rest = arguments.indices.dropFirst().compactMap { index in
            command(for: Array(arguments[index...]), among: commands)
        }
        if let command = rest.first {
            return CommandFailure(
                .wrongUse, "flags stand behind the command",
                hint: "signet \(command.name) \(arguments[0]) …; signet \(command.name) --help lists its flags")
        }
        // What has not the form of a flag may be a token in the wrong place.
        let name = arguments[0].drop { $0 == "-" }
        let shown = StringForm.name.accepts(String(name)) ? arguments[0] : "of that name"
        return CommandFailure(
            .wrongUse, "signet has no flag \(shown)",
            hint: NearestName.to(arguments[0], among: ["--help", "--version"]).map { "did you mean \($0)?" }
                ?? "signet --help")
    }
}
