import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet keys retire`: a key that signs no longer leaves the configuration.
enum KeysRetireCommand {
    static let declaration = CommandDeclaration(
        path: ["keys", "retire"], summary: "takes a key that signs no longer out of the configuration",
        usages: ["CONNECTION KEY [--force] [--dry-run] [--output json]"],
        discussion: [
            "KEY leaves the connection's \"keys\", and the configuration's too if nothing else uses it. Its file stays where it",
            "is, and is named. The connection is loaded without it first. One whose time is over may go, also if it is the first.",
            "While what KEY has signed may still be good, --force is needed: that is the lifetime of a token after KEY's",
            "\"notAfter\", or after the last change of the configuration's file. What has no end is not waited for.",
        ],
        operands: [
            Operand(name: "CONNECTION", summary: "The connection.", completion: .names(.connections)),
            Operand(
                name: "KEY", summary: "One of its keys, but not the one that signs at this moment.",
                completion: .names(.keys)),
        ],
        flags: [
            .config, .toggle("--force", "Does not wait until what KEY has signed is no longer good."), .dryRun, .output,
        ],
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
        var lastSigned: NumericDate?
        let edit = try invocation.editConfiguration(
            { configuration, text throws(CommandFailure) in
                let connection = try ConfiguredConnection(name, in: configuration, plugins: invocation.plugins)
                before = connection.schedule
                lastSigned = try lastSigning(of: key, connection, invocation.configurationPath)
                return try retire(key, of: connection, invocation.configurationWords, &text)
            },
            check: { configuration throws(CommandFailure) in
                let (after, lifetime) = try loaded(name, in: configuration)
                gap = before.flatMap { after.gap(from: .now, notIn: $0) }
                if let lifetime, let signed = lastSigned, !invocation.has("--force") {
                    try refuseEarly(key, until: signed.advanced(by: lifetime))
                }
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
        try failing({ CommandFailure($0) }) { () throws(SignetError) in
            try text.remove(connection.keysPath + ["\(index)"])
            if users.isEmpty { try text.remove(["keys", key]) }
        }
        return Plan(connection: connection, users: users)
    }

    /// When the key signed last, at the latest; nil for one that never did.
    private static func lastSigning(
        of key: String, _ connection: ConfiguredConnection, _ path: String
    ) throws(CommandFailure) -> NumericDate? {
        guard !connection.waiting.contains(key) else { return nil }
        let changed = try failing({ CommandFailure($0) }) { () throws(SignetError) in
            NumericDate(seconds: try FileInformation(ofFile: path).modified)
        }
        return min(changed, connection.key(key)?.window.notAfter ?? changed)
    }

    private static func refuseEarly(_ key: String, until end: NumericDate) throws(CommandFailure) {
        guard end > .now else { return }
        throw CommandFailure(
            .wrongUse, "tokens of \(key) may be good until \(end.rfc3339)",
            hint: "wait until then; --force retires it now")
    }

    /// Loads the connection as it would be: which key signs when, and how long a token is good for, in seconds.
    private static func loaded(
        _ name: String, in configuration: Configuration
    ) throws(CommandFailure) -> (SigningSchedule, lifetime: Int64?) {
        let connection = try failing({ CommandFailure($0) }) { () throws(ConfigurationError) in
            try configuration.load(scheduled: name)
        }
        let now = NumericDate.now
        guard let schedule = connection.schedule, schedule.key(at: now) != nil else {
            throw CommandFailure(
                .wrongUse, "without it no key of the connection \(name) signs at this moment",
                hint: "\"notBefore\" and \"notAfter\" of its keys say when; signet keys rotate \(name) makes another")
        }
        let lifetime = try failing({ CommandFailure(.no, $0) }) { () throws(SignetError) in
            try ConfiguredConnection.tokenLifetime(of: connection.connection(at: now)).lifetime
        }
        return (schedule, lifetime)
    }
}
