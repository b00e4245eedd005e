import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// The `signet` command. A company with a vendor of its own adds a plugin and gets its own `signet`:
///
/// ```swift
/// SignetCommand.run(plugins: .builtIn + [Mine.self])
/// ```
public enum SignetCommand {
    /// All commands, in the order of the overview.
    private static let commands: [CommandDeclaration] = [
        InitCommand.declaration,
        DemoCommand.declaration,
        KeysGenerateCommand.declaration,
        KeysPublicCommand.declaration,
        KeysInspectCommand.declaration,
        KeysRotateCommand.declaration,
        KeysPromoteCommand.declaration,
        KeysRetireCommand.declaration,
        SignCommand.declaration,
        VerifyCommand.declaration,
        InspectCommand.declaration,
        ExplainCommand.declaration,
        CheckCommand.declaration,
        MigrateStatusCommand.declaration,
        MigratePreviewCommand.declaration,
        MigrateStepCommand.advance,
        MigrateStepCommand.back,
        MigrateReportCommand.declaration,
        ServeCommand.declaration,
        CallersCreateCommand.declaration,
        AuditVerifyCommand.declaration,
        VendorsCommand.declaration,
        CompletionsCommand.declaration,
    ]

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
        // A file over the size limit is an ordinary error. The signal would end the process and leave a draft behind.
        signal(SIGXFSZ, SIG_IGN)
        // The parent process may have ignored it. Then the exit status of a key's command could not be read.
        signal(SIGCHLD, SIG_DFL)
        // Ctrl-C reaches this process alone, and not the command that a key comes from.
        KeyCommand.endWithProcess()
        exit(run(arguments, plugins: plugins))
    }

    /// The arguments of the process, or nil if one is not valid UTF-8. Swift's own list replaces invalid bytes, and a changed
    /// subject would name another customer.
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
        guard let first = arguments.first else {
            Output.notes(Help.overview(commands))
            return .wrongUse
        }
        if ["--help", "-h", "help"].contains(first) {
            try Output.text(try help(Array(arguments.dropFirst()), commands))
            return .done
        }
        if ["--version", "-V"].contains(first) {
            try Output.result("signet \(Gateway.version)")
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
                second.map { "signet \(first) has no command \(UnknownName.quoted($0))" }
                ?? "signet \(first) needs a command"
            return CommandFailure(
                .wrongUse, "\(message): one of \(group.joined(separator: ", "))",
                hint: near.map { "did you mean \"signet \(first) \($0)\"?" } ?? "signet \(first) --help")
        }
        let near = first == "version" ? "--version" : NearestName.to(first, among: commands.map { $0.path[0] })
        return CommandFailure(
            .wrongUse, "there is no command \(UnknownName.quoted(first))",
            hint: near.map { "did you mean \"signet \($0)\"?" } ?? "signet --help")
    }

    /// A flag in the place of the command.
    private static func flagWithoutCommand(
        _ arguments: [String], _ commands: [CommandDeclaration]
    ) -> CommandFailure {
        let rest = arguments.indices.dropFirst().compactMap { index in
            command(for: Array(arguments[index...]), among: commands)
        }
        if let command = rest.first {
            return CommandFailure(
                .wrongUse, "flags come after the command",
                hint: "signet \(command.name) \(arguments[0]) …; signet \(command.name) --help lists its flags")
        }
        // Text without the form of a flag may be a token in the wrong place, so it is not repeated.
        let name = arguments[0].drop { $0 == "-" }
        let shown = StringForm.name.accepts(String(name)) ? arguments[0] : "of that name"
        return CommandFailure(
            .wrongUse, "signet has no flag \(shown)",
            hint: NearestName.to(arguments[0], among: ["--help", "--version"]).map { "did you mean \($0)?" }
                ?? "signet --help")
    }
}

/// Standard input, output and error.
private enum StandardDescriptors {
    /// Opens /dev/null for each that is closed. Otherwise the next open file would get its number, and messages for standard
    /// error would go into that file. Called before any other file is opened.
    ///
    /// Standard input is opened for writing and standard output for reading, so that using one of them still fails.
    ///
    /// - Returns: Whether all three are open.
    static func ensureOpen() -> Bool {
        [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)].allSatisfy { number, mode in
            if fcntl(number, F_GETFD) >= 0 { return true }
            // The system uses the lowest free number.
            return open("/dev/null", mode) == number
        }
    }
}
