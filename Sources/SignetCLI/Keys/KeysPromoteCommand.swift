import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet keys promote`: makes another of a connection's keys the one that signs.
enum KeysPromoteCommand {
    static let declaration = CommandDeclaration(
        path: ["keys", "promote"], summary: "makes another of a connection's keys the one that signs",
        usages: ["CONNECTION KEY [--dry-run] [--output json]"],
        discussion: [
            "Moves KEY to the front of the connection's \"keys\". Before that, Signet loads it, signs a made-up customer and",
            "verifies the token. A running gateway signs with it within a second. A key whose \"notBefore\" is in the future",
            "cannot be promoted: as the first of \"keys\" it signs from that time on.",
        ],
        operands: [
            .connection, .connectionKey,
        ],
        flags: [.config, .dryRun, .output],
        exits: [
            (.no, "with this key the connection cannot sign a token that its vendor accepts"),
            (.wrongUse, "wrong use or configuration, or the key is still a placeholder secret"),
        ],
        examples: ["signet keys promote talkative-uk talkative-uk-2027"],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let isJSON = try invocation.wantsJSON()
        let name = try invocation.requiredOperand(0, "CONNECTION")
        let key = try invocation.requiredOperand(1, "KEY")
        var lifetime: Int64?
        let edit = try invocation.editConfiguration(
            { configuration, text throws(CommandFailure) in
                let connection = try ConfiguredConnection(name, in: configuration, invocation)
                try promote(key, of: connection, invocation, &text)
                return connection
            },
            check: { configuration throws(CommandFailure) in
                lifetime = try tryOut(key, of: name, in: configuration, invocation)
            })
        let old = edit.plan.signing
        let steps = RotationAdvice(connection: edit.plan, next: key, invocation: invocation)
            .afterPromoting(lifetime: lifetime)
        try edit.printResult(
            asJSON: isJSON,
            [
                JSONMember("connection", .string(name)), JSONMember("signing", .string(key)),
                JSONMember("was", .string(old)),
                JSONMember("tokenLifetime", lifetime.map { .number(JSONNumber($0)) } ?? .null),
                JSONMember("next", .array(steps.map { .string($0) })),
            ],
            text: old == key ? "\(name): \(key) signed already and is now the first" : "\(name): \(old) -> \(key)")
        if !isJSON {
            for step in steps { Output.note("signet: next: \(step)") }
        }
        return .done
    }

    private static func promote(
        _ key: String, of connection: ConfiguredConnection, _ invocation: Invocation, _ text: inout ConfigurationText
    ) throws(CommandFailure) {
        let index = try connection.index(of: key)
        guard index > 0 || key != connection.schedule.key(at: .now) else {
            throw CommandFailure(.wrongUse, "\(key) is already the key that signs")
        }
        try refuseOutOfTime(key, of: connection, invocation)
        var keys = connection.entry.keys
        keys.insert(keys.remove(at: index), at: 0)
        try reporting {
            // Each name replaces another, so that commas and layout stay.
            for (place, name) in keys.enumerated() where connection.entry.keys[place] != name {
                try text.replace(connection.keysPath + ["\(place)"], with: JSONWriter.text(of: .string(name)))
            }
        }
    }

    /// Refuses a key that would not sign even as the first.
    private static func refuseOutOfTime(
        _ key: String, of connection: ConfiguredConnection, _ invocation: Invocation
    ) throws(CommandFailure) {
        let now = NumericDate.now
        guard let window = connection.key(key)?.window, !window.contains(now) else { return }
        if let end = window.notAfter, end <= now {
            throw CommandFailure(
                .wrongUse, "\(key) signed until \(end.rfc3339) and now only verifies",
                hint: "make the next one with \(invocation.command("keys rotate \(connection.entry.name)"))")
        }
        throw CommandFailure(
            .wrongUse, "\(key) does not sign yet: it signs \(window.text)",
            hint: "as the first in \"keys\" it signs from then on; to promote it now, change its \"notBefore\"")
    }

    /// Loads the connection with the change, signs and verifies.
    ///
    /// - Returns: How long a token is valid, in seconds; nil for tokens that do not expire.
    private static func tryOut(
        _ key: String, of name: String, in configuration: Configuration, _ invocation: Invocation
    ) throws(CommandFailure) -> Int64? {
        do {
            let connection = try configuration.load(connection: name)
            if let loaded = connection.keys.all.first(where: { $0.name == key }), PlaceholderSecret.isOne(loaded.key) {
                let path = configuration.keys.first { $0.name == key }?.path
                throw CommandFailure(
                    .wrongUse, "\(key) is still a placeholder secret",
                    hint: path.map { "put the vendor's secret into \($0)" })
            }
            let lifetime = try connection.tokenLifetime()
            let signing = connection.keys.signing.name
            guard signing == key else {
                throw CommandFailure(
                    .wrongUse, "\(signing) would sign, not \(key)",
                    hint: "\(invocation.command("check")) shows which key signs when")
            }
            return lifetime
        } catch let error as ConfigurationError {
            throw CommandFailure(error, as: error.diagnostics.allSatisfy(\.isProbe) ? .no : nil)
        } catch {
            throw CommandFailure(error, as: .no)
        }
    }
}
