import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// A change of the configuration's file, made or only shown.
struct ConfigurationEdit<Plan> {
    /// What the command decided on.
    let plan: Plan
    /// The configuration as it is with the change.
    let configuration: Configuration
    /// Whether nothing was written.
    let isDryRun: Bool
    fileprivate let path: String
    fileprivate let before: [UInt8]
    fileprivate let after: [UInt8]

    /// The change as a unified diff. Its file has the name without a folder, for patch refuses absolute names and those that lead upwards.
    var difference: [UInt8] {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return UnifiedDiff.between(before, after, named: name.visible)
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
    /// Changes the configuration's file: what `change` makes of the text is read again, and written only if it is valid and
    /// `check` has nothing against it. One process at a time, so that of two commands none undoes what the other did.
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
        let file = try failing(Self.unreadable) { () throws(SignetError) in try ReplaceableFile(reading: path) }
        // What is in the way of the configuration as it was may be what the change is for.
        let before = try read(file.bytes, .none)
        var text = try failing({ CommandFailure(.wrongUse, "\(path): \($0.reason)", hint: $0.hint) }) {
            () throws(JSONError) in try ConfigurationText(file.bytes)
        }
        let plan = try change(before, &text)
        let after: Configuration
        do {
            after = try read(text.bytes, .inForce)
        } catch {
            throw CommandFailure(
                error.status,
                lines: ["signet: error: with this change \(path) would not be valid; nothing was written"]
                    + error.lines)
        }
        try check(after)
        let isDryRun = has(Flag.dryRun.name)
        if !isDryRun {
            try failing({ CommandFailure($0) }) { () throws(SignetError) in try file.replace(with: text.bytes) }
        }
        return ConfigurationEdit(
            plan: plan, configuration: after, isDryRun: isDryRun, path: path, before: file.bytes, after: text.bytes)
    }

    /// Refuses a configuration that is in no file.
    func refuseStandardInput() throws(CommandFailure) {
        guard configurationPath == "-" else { return }
        throw CommandFailure(
            .wrongUse, "a configuration that comes from standard input cannot be changed", hint: "-c FILE names one")
    }

    private func read(_ bytes: [UInt8], _ pins: PinScope) throws(CommandFailure) -> Configuration {
        try failing({ CommandFailure($0) }) { () throws(ConfigurationError) in
            try Configuration.read(bytes, file: configurationPath, plugins: plugins, pins: pins)
        }
    }

    private static func unreadable(_ error: SignetError) -> CommandFailure {
        CommandFailure(
            .outside, "the configuration cannot be read: \(error.reason)",
            hint: error.isFault(FileFault.notFound) ? "signet init makes one; -c FILE or $SIGNET_CONFIG names one" : error.hint)
    }
}

extension CommandFailure {
    /// A change of the configuration's text that cannot be made.
    init(_ error: SignetError) {
        self.init(.wrongUse, error)
    }
}

extension Flag {
    static let dryRun = toggle("--dry-run", "Prints the change as a diff that patch takes, and writes nothing.")
}
