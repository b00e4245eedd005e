import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet keys retire`: removes a key that no longer signs from the configuration.
enum KeysRetireCommand {
    static let declaration = CommandDeclaration(
        path: ["keys", "retire"], summary: "removes a key that no longer signs from the configuration",
        usages: ["CONNECTION KEY [--force] [--dry-run] [--output json]"],
        discussion: [
            "Removes KEY from the connection's \"keys\", and its entry if nothing else uses it. The key file stays, and its path is",
            "printed. Before that, Signet loads the connection without the key. The first key can be retired if its time is over.",
            "While tokens of KEY may still be valid, --force is needed: for the lifetime of a token after KEY's \"notAfter\",",
            "or after the last change of the configuration's file. Tokens that do not expire need no --force.",
        ],
        operands: [
            .connection, .connectionKey,
        ],
        flags: [
            .config, .toggle("--force", "Retires the key even if tokens of it may still be valid."), .dryRun, .output,
        ],
        examples: ["signet keys retire talkative-uk talkative-uk-2026"],
        run: run)

    private struct Plan {
        let connection: ConfiguredConnection
        /// Other connections that use the key, so that its entry stays.
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
                let connection = try ConfiguredConnection(name, in: configuration, invocation)
                before = connection.schedule
                lastSigned = try lastSigning(of: key, connection, invocation.configurationPath)
                return try retire(key, of: connection, invocation, &text)
            },
            check: { configuration throws(CommandFailure) in
                let (after, lifetime) = try loaded(name, in: configuration, invocation)
                gap = before.flatMap { after.gap(from: .now, notIn: $0) }
                if let lifetime, let signed = lastSigned, !invocation.has("--force") {
                    try refuseEarly(key, until: signed.advanced(by: lifetime))
                }
            })
        if let gap {
            Output.warning("without \(key), no key signs for the connection \(name) from \(gap.rfc3339) on")
        }
        let path = edit.plan.connection.key(key)?.path
        try edit.printResult(
            asJSON: isJSON,
            [
                JSONMember("connection", .string(name)), JSONMember("retired", .string(key)),
                JSONMember("entryRemoved", .boolean(edit.plan.users.isEmpty)),
                JSONMember("file", path.map { .string($0) } ?? .null),
            ], text: "\(name): \(key) is retired")
        if isJSON { return .done }
        if !edit.plan.users.isEmpty {
            Output.note("signet: the key's entry stays: \(edit.plan.users.joined(separator: ", ")) uses it")
        } else if let path {
            Output.note("signet: next: remove \(path) when you no longer need it")
        }
        return .done
    }

    private static func retire(
        _ key: String, of connection: ConfiguredConnection, _ invocation: Invocation, _ text: inout ConfigurationText
    ) throws(CommandFailure) -> Plan {
        let index = try connection.index(of: key)
        let name = connection.entry.name
        let rotate = invocation.command("keys rotate \(name)")
        guard connection.entry.keys.count > 1 else {
            throw CommandFailure(
                .wrongUse, "\(key) is the only key of the connection \(name)",
                hint: "make the next one with \(rotate)")
        }
        let now = NumericDate.now
        guard key != connection.schedule.key(at: now) else {
            let other = connection.entry.keys.first { $0 != key && connection.key($0)?.window.contains(now) == true }
            throw CommandFailure(
                .wrongUse, "\(key) is the key that signs for the connection \(name)",
                hint: other.map {
                    "first let another key sign: \(invocation.command("keys promote \(name) \($0)"))"
                } ?? "no other key can sign now: make one with \(rotate)")
        }
        let users = connection.others(using: key)
        try reporting {
            try text.remove(connection.keysPath + ["\(index)"])
            if users.isEmpty { try text.remove(["keys", key]) }
        }
        return Plan(connection: connection, users: users)
    }

    /// The latest time at which the key can have signed; nil if it never did.
    private static func lastSigning(
        of key: String, _ connection: ConfiguredConnection, _ path: String
    ) throws(CommandFailure) -> NumericDate? {
        guard !connection.waiting.contains(key) else { return nil }
        let changed = try reporting {
            NumericDate(seconds: try FileInformation(ofFile: path).modified.seconds)
        }
        return min(changed, connection.key(key)?.window.notAfter ?? changed)
    }

    private static func refuseEarly(_ key: String, until end: NumericDate) throws(CommandFailure) {
        guard end > .now else { return }
        throw CommandFailure(
            .wrongUse, "tokens of \(key) may be valid until \(end.rfc3339)",
            hint: "wait until then, or retire it now with --force")
    }

    /// Loads the connection with the change. Returns its schedule, and how long a token is valid, in seconds.
    private static func loaded(
        _ name: String, in configuration: Configuration, _ invocation: Invocation
    ) throws(CommandFailure) -> (SigningSchedule, lifetime: Int64?) {
        let connection = try reporting {
            try configuration.load(scheduled: name)
        }
        let now = NumericDate.now
        guard let schedule = connection.schedule, schedule.key(at: now) != nil else {
            throw CommandFailure(
                .wrongUse, "without it, no key of the connection \(name) signs now",
                hint: "see \"notBefore\" and \"notAfter\" of its keys, or make another with "
                    + invocation.command("keys rotate \(name)"))
        }
        let lifetime = try reporting(as: .no) {
            try connection.connection(at: now).tokenLifetime()
        }
        return (schedule, lifetime)
    }
}
