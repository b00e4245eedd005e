import SignetIdentity
import SignetJOSE
import SignetRouting

/// `signet keys promote`: another of a connection's keys signs.
enum KeysPromoteCommand {
    static let declaration = CommandDeclaration(
        path: ["keys", "promote"], summary: "lets another of a connection's keys sign",
        usages: ["CONNECTION KEY [--dry-run] [--output json]"],
        discussion: [
            "KEY becomes the first of the connection's \"keys\". It is loaded and tried first: a made-up customer is signed with",
            "it and verified. A gateway that serves takes it over within a second. Its time has to be now: one with",
            "\"notBefore\" that is the first takes over by itself when it comes.",
        ],
        operands: [
            Operand(name: "CONNECTION", summary: "The connection.", completion: .names(.connections)),
            Operand(name: "KEY", summary: "One of its keys, made with signet keys rotate.", completion: .names(.keys)),
        ],
        flags: [.config, .dryRun, .output],
        exits: [
            (.no, "the connection cannot sign with it what its vendor takes"),
            (.wrongUse, "wrong use or configuration, or the vendor's secret still has a placeholder in its place"),
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
                let connection = try ConfiguredConnection(name, in: configuration, plugins: invocation.plugins)
                try promote(key, of: connection, &text)
                return connection
            },
            check: { configuration throws(CommandFailure) in
                lifetime = try tryOut(key, of: name, in: configuration)
            })
        let old = edit.plan.signing
        let steps = KeyAdvice(connection: edit.plan, next: key, configurationWords: invocation.configurationWords)
            .afterPromoting(lifetime: lifetime)
        if isJSON {
            let json = [
                JSONMember("connection", .string(name)), JSONMember("signing", .string(key)),
                JSONMember("was", .string(old)),
                JSONMember("tokenLifetime", lifetime.map { .number(JSONNumber($0)) } ?? .null),
                JSONMember("next", .array(steps.map { .string($0) })),
            ]
            try Output.result(JSONWriter.text(of: .object(json + edit.members)))
            return .done
        }
        if edit.isDryRun {
            try Output.bytes(edit.difference)
        } else {
            try Output.result(
                old == key ? "\(name): \(key) signed already, and is the first now" : "\(name): \(old) -> \(key)")
        }
        for step in steps { Output.note("signet: next: \(step)") }
        return .done
    }

    private static func promote(
        _ key: String, of connection: ConfiguredConnection, _ text: inout ConfigurationText
    ) throws(CommandFailure) {
        let index = try connection.index(of: key)
        guard index > 0 || key != connection.schedule.key(at: .now) else {
            throw CommandFailure(.wrongUse, "\(key) is the key that signs already")
        }
        try refuseOutOfTime(key, of: connection)
        var keys = connection.entry.keys
        keys.insert(keys.remove(at: index), at: 0)
        try failing({ CommandFailure($0) }) { () throws(EditingError) in
            // Each name in the place of another, so that commas and layout stay.
            for (place, name) in keys.enumerated() where connection.entry.keys[place] != name {
                try text.replace(connection.keysPath + ["\(place)"], with: JSONWriter.text(of: .string(name)))
            }
        }
    }

    /// Refuses a key that would not sign for being the first.
    private static func refuseOutOfTime(_ key: String, of connection: ConfiguredConnection) throws(CommandFailure) {
        let now = NumericDate.now
        guard let window = connection.key(key)?.window, !window.contains(now) else { return }
        if let end = window.notAfter, end <= now {
            throw CommandFailure(
                .wrongUse, "\(key) signed until \(end.rfc3339), and only verifies now",
                hint: "signet keys rotate \(connection.entry.name) makes the next one")
        }
        throw CommandFailure(
            .wrongUse, "\(key) signs \(window.text), and not yet",
            hint: "as the first in \"keys\" it takes over then by itself; to promote it now, change its \"notBefore\"")
    }

    /// Loads the connection as it would be, signs and verifies.
    ///
    /// - Returns: How long a token is good for, in seconds; nil for tokens without an end.
    private static func tryOut(
        _ key: String, of name: String, in configuration: Configuration
    ) throws(CommandFailure) -> Int64? {
        do {
            if let entry = configuration.keys.first(where: { $0.name == key }) {
                var loader = KeyLoader(configuration.source)
                if PlaceholderSecret.isOne(try loader.load(entry).key) {
                    throw CommandFailure(
                        .wrongUse, "\(key) is a placeholder: the vendor's secret is not in its place yet",
                        hint: entry.path.map { "put it into \($0)" })
                }
            }
            let connection = try configuration.load(connection: name)
            let signed = try ConfiguredConnection.tokenLifetime(of: connection)
            guard signed.key == key else {
                throw CommandFailure(
                    .wrongUse, "\(signed.key) would sign, and not \(key)", hint: "signet check tells when")
            }
            return signed.lifetime
        } catch let error as ConfigurationError {
            let isProbe = error.diagnostics.allSatisfy(\.isProbe)
            throw isProbe ? CommandFailure(.no, lines: CommandFailure(error).lines) : CommandFailure(error)
        } catch let error as SigningError {
            throw CommandFailure(.no, error)
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure(.no, "\(key) cannot be tried")
        }
    }
}

extension Configuration.KeyEntry {
    /// The file that it is in, if it is in one.
    var path: String? {
        if case .file(let path) = origin { path } else { nil }
    }
}
