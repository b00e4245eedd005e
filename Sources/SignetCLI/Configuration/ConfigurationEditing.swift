import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// A change of the configuration's file: written, or with `--dry-run` only shown.
struct ConfigurationEdit<Plan> {
    /// The decision of the command.
    let plan: Plan
    /// The configuration with the change.
    let configuration: Configuration
    /// Whether nothing was written.
    let isDryRun: Bool
    fileprivate let path: String
    fileprivate let before: [UInt8]
    fileprivate let after: [UInt8]

    /// The change as a unified diff. Its file name has no folder, because patch refuses absolute names and names with "..".
    var difference: [UInt8] {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return UnifiedDiff.between(before, after, named: name.visible)
    }

    /// Prints the result: `members` as JSON, or else `text`, or for a dry run the diff.
    func printResult(asJSON isJSON: Bool, _ members: [JSONMember], text: String) throws(CommandFailure) {
        if isJSON {
            try Output.json(.object(members + self.members))
        } else if isDryRun {
            try Output.bytes(difference)
        } else {
            try Output.result(text)
        }
    }

    /// The members that every command with `--dry-run` has in its JSON.
    var members: [JSONMember] {
        guard isDryRun else { return [JSONMember("dryRun", false)] }
        return [
            JSONMember("dryRun", true), JSONMember("diff", .string(String(decoding: difference, as: UTF8.self))),
        ]
    }
}

extension Invocation {
    /// Changes the configuration's file. The changed text is read again, and written only if it is valid and `check` accepts it.
    /// One process at a time, so that no command undoes another's change.
    func editConfiguration<Plan>(
        _ change: (Configuration, inout ConfigurationText) throws(CommandFailure) -> Plan,
        check: (Configuration) throws(CommandFailure) -> Void = { _ in }
    ) throws(CommandFailure) -> ConfigurationEdit<Plan> {
        try refuseStandardInput()
        let path = configurationPath
        var edit: ConfigurationEdit<Plan>?
        try ReplaceableFile.locking(path, else: Self.unreadable) { () throws(CommandFailure) in
            edit = try editLocked(path, change, check)
        }
        guard let edit else { throw CommandFailure(.outside, "\(path) was not changed") }
        return edit
    }

    private func editLocked<Plan>(
        _ path: String, _ change: (Configuration, inout ConfigurationText) throws(CommandFailure) -> Plan,
        _ check: (Configuration) throws(CommandFailure) -> Void
    ) throws(CommandFailure) -> ConfigurationEdit<Plan> {
        let file: ReplaceableFile
        do {
            file = try ReplaceableFile(reading: path)
        } catch {
            throw Self.unreadable(error)
        }
        // Pinned subjects are not read yet: the change may be the repair of a fault in them.
        let before = try read(file.bytes, .none)
        var text = try reporting(in: path) { try ConfigurationText(file.bytes) }
        let plan = try change(before, &text)
        let after: Configuration
        do {
            after = try read(text.bytes, .inForce)
        } catch {
            throw CommandFailure(
                error.status,
                lines: ["signet: error: \(path) would not be valid with this change, so nothing was written"]
                    + error.lines)
        }
        try check(after)
        let isDryRun = has(Flag.dryRun.name)
        if !isDryRun {
            try reporting { try file.replace(with: text.bytes) }
        }
        return ConfigurationEdit(
            plan: plan, configuration: after, isDryRun: isDryRun, path: path, before: file.bytes, after: text.bytes)
    }

    /// Refuses a configuration from standard input.
    func refuseStandardInput() throws(CommandFailure) {
        guard configurationPath == "-" else { return }
        throw CommandFailure(
            .wrongUse, "a configuration from standard input cannot be changed", hint: "name its file with -c FILE")
    }

    private func read(_ bytes: [UInt8], _ pins: PinScope) throws(CommandFailure) -> Configuration {
        try reporting {
            try Configuration.read(bytes, file: configurationPath, plugins: plugins, pins: pins)
        }
    }

    private static func unreadable(_ error: SignetError) -> CommandFailure {
        CommandFailure(
            .outside, "the configuration cannot be read: \(error.reason)",
            hint: error.isFault(FileFault.notFound)
                ? "signet init makes one; -c FILE or $SIGNET_CONFIG names one" : error.hint)
    }
}
