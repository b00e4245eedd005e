import SignetIdentity
import SignetJOSE
import SignetRouting

/// `signet keys retire`: a key that signs no longer leaves the configuration.
enum KeysRetireCommand {
    static let declaration = CommandDeclaration(
        path: ["keys", "retire"], summary: "takes a key that signs no longer out of the configuration",
        usages: ["CONNECTION KEY [--dry-run] [--output json]"],
        discussion: [
            "KEY leaves the connection's \"keys\", and the configuration's too if nothing else uses it. Its file stays where it",
            "is, and is named. The connection is loaded without it first. One whose time is over may go, also if it is the first.",
        ],
        operands: [
            Operand(name: "CONNECTION", summary: "The connection.", completion: .names(.connections)),
            Operand(
                name: "KEY", summary: "One of its keys, but not the one that signs at this moment.",
                completion: .names(.keys)),
        ],
        flags: [.config, .dryRun, .output],
        examples: ["signet keys retire talkative-uk talkative-uk-2026"],
        run: run)

    /// What was decided.
    private struct Plan {
        let connection: ConfiguredConnection
        /// What else uses the key, so that its entry stays.
        let users: [String]
    }

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let isJSON = try invocation.wantsJSON()
        let name = try invocation.requiredOperand(0, "CONNECTION")
        let key = try invocation.requiredOperand(1, "KEY")
        var before: SigningSchedule?
        var gap: NumericDate?
        let edit = try invocation.editConfiguration(
            { configuration, text throws(CommandFailure) in
                let connection = try ConfiguredConnection(name, in: configuration, plugins: invocation.plugins)
                before = connection.schedule
                return try retire(key, of: connection, invocation.configurationWords, &text)
            },
            check: { configuration throws(CommandFailure) in
                gap = try newGap(of: name, in: configuration, besides: before)
            })
        if let gap {
            Output.note(
                "signet: warning: without \(key) nothing can sign for the connection \(name) from \(gap.rfc3339) on")
        }
        let path = edit.plan.connection.key(key)?.path
        if isJSON {
            let json = [
                JSONMember("connection", .string(name)), JSONMember("retired", .string(key)),
                JSONMember("entryRemoved", .boolean(edit.plan.users.isEmpty)),
                JSONMember("file", path.map { .string($0) } ?? .null),
            ]
            try Output.result(JSONWriter.text(of: .object(json + edit.members)))
            return .done
        }
        if edit.isDryRun {
            try Output.bytes(edit.difference)
        } else {
            try Output.result("\(name): \(key) is retired")
        }
        if !edit.plan.users.isEmpty {
            Output.note("signet: the key's entry stays: \(edit.plan.users.joined(separator: ", ")) uses it")
        } else if let path {
            Output.note("signet: next: \(path) is still there; remove it once nobody needs it")
        }
        return .done
    }

    private static func retire(
        _ key: String, of connection: ConfiguredConnection, _ configurationWords: String,
        _ text: inout ConfigurationText
    ) throws(CommandFailure) -> Plan {
        let index = try connection.index(of: key)
        let name = connection.entry.name
        guard connection.entry.keys.count > 1 else {
            throw CommandFailure(
                .wrongUse, "\(key) is the only key of the connection \(name)",
                hint: "signet keys rotate \(name) makes the next one")
        }
        let now = NumericDate.now
        guard key != connection.schedule.key(at: now) else {
            let other = connection.entry.keys.first { $0 != key && connection.key($0)?.window.contains(now) == true }
            throw CommandFailure(
                .wrongUse, "\(key) is the key that signs for the connection \(name)",
                hint: other.map { "signet keys promote \(name) \($0)\(configurationWords) lets another sign first" }
                    ?? "no other key of it could sign at this moment: signet keys rotate \(name) makes one")
        }
        let users = connection.others(using: key)
        try failing({ CommandFailure($0) }) { () throws(EditingError) in
            try text.remove(connection.keysPath + ["\(index)"])
            if users.isEmpty { try text.remove(["keys", key]) }
        }
        return Plan(connection: connection, users: users)
    }

    /// Loads the connection as it would be.
    ///
    /// - Returns: The first moment at which nothing signs any more, and would have with the key that goes.
    private static func newGap(
        of name: String, in configuration: Configuration, besides before: SigningSchedule?
    ) throws(CommandFailure) -> NumericDate? {
        let connection = try failing({ CommandFailure($0) }) { () throws(ConfigurationError) in
            try configuration.load(scheduled: name)
        }
        let now = NumericDate.now
        guard let schedule = connection.schedule else { return nil }
        guard schedule.key(at: now) != nil else {
            throw CommandFailure(
                .wrongUse, "without it no key of the connection \(name) signs at this moment",
                hint: "\"notBefore\" and \"notAfter\" of its keys say when; signet keys rotate \(name) makes another")
        }
        return before.flatMap { schedule.gap(from: now, notIn: $0) }
    }
}
