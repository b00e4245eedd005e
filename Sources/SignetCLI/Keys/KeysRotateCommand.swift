import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet keys rotate`: makes a connection's next key, which does not sign yet.
enum KeysRotateCommand {
    static let declaration = CommandDeclaration(
        path: ["keys", "rotate"], summary: "makes a connection's next key, which does not sign yet",
        usages: ["CONNECTION [--name NAME] [--kid KID] [--dry-run] [--output json]"],
        discussion: [
            "Makes a P-256 key pair in the folder of the old one and prints its public PEM. For a secret that comes from the",
            "vendor, it makes a file with a placeholder secret and prints its path: put the vendor's secret into it. The key is",
            "added to the configuration after the old one, which signs until signet keys promote.",
        ],
        operands: [.connection],
        flags: [
            .config,
            .valued(
                "--name", "NAME", "The key's name. Default: the old name with its year or number increased, or with -2."
            ),
            .valued("--kid", "KID", "The key id, for vendors that use one: DG's API key."),
            .dryRun, .output,
        ],
        security: [
            "The files have mode 0600, and no file is replaced. A placeholder secret is never promoted.",
            "If the old secret is not in a file, the new one is made in keys/.",
        ],
        examples: ["signet keys rotate talkative-uk", "signet keys rotate dg-eu --kid dg_live_2"],
        run: run)

    private struct Plan {
        let connection: ConfiguredConnection
        let next: NextKey
    }

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let isJSON = try invocation.wantsJSON()
        let name = try invocation.requiredOperand(0, "CONNECTION")
        try invocation.refuseStandardInput()
        var made: NextKey.Made?
        let edit: ConfigurationEdit<Plan>
        do {
            edit = try invocation.editConfiguration { configuration, text throws(CommandFailure) in
                let connection = try ConfiguredConnection(name, in: configuration, invocation)
                let next = try NextKey(
                    after: connection, name: invocation.value("--name"), keyID: invocation.value("--kid"))
                try add(next, to: connection, &text)
                if !invocation.has(Flag.dryRun.name) { made = try next.make(connection.vendor.rotation.maker) }
                return Plan(connection: connection, next: next)
            }
        } catch {
            made?.remove()
            throw error
        }
        let (connection, next) = (edit.plan.connection, edit.plan.next)
        let steps = RotationAdvice(connection: connection, next: next.name, invocation: invocation)
            .afterRotating(into: next.path, isSecret: next.encoding != nil)
        if isJSON {
            try Output.json(json(next, connection, made, edit, steps))
        } else if edit.isDryRun {
            try Output.bytes(edit.difference)
        } else if let made {
            Output.note("signet: wrote \(made.paths.joined(separator: " and "))")
            try Output.text(made.publicPEM ?? made.paths[0] + "\n")
        }
        if edit.isDryRun {
            Output.note("signet: note: \(next.path) in the diff does not exist; it is made without --dry-run")
        } else if !isJSON {
            for step in steps { Output.note("signet: next: \(step)") }
        }
        for waiting in connection.waiting {
            let (promote, retire) = ("keys promote \(name) \(waiting)", "keys retire \(name) \(waiting)")
            Output.warning(
                "\(waiting) was made before and never promoted: promote it with \(invocation.command(promote)),"
                    + " or remove it with \(invocation.command(retire))")
        }
        for doubt in next.doubts(for: connection.vendor) { Output.warning(doubt) }
        for other in connection.others(using: connection.signing) {
            Output.warning("the connection \(other) uses the old key too and is not changed")
        }
        return .done
    }

    private static func add(
        _ next: NextKey, to connection: ConfiguredConnection, _ text: inout ConfigurationText
    ) throws(CommandFailure) {
        let signing = connection.signing
        let entry = text.object(like: ["keys", signing], next.members)
        try reporting {
            try text.insertMember(next.name, entry, .after(signing), in: ["keys"])
            if text.node(at: connection.keysPath) == nil {
                try text.replaceMember(
                    Array(connection.keysPath.dropLast()) + ["key"], name: "keys",
                    with: ConfiguredConnection.list([signing, next.name]))
            } else {
                let quoted = JSONWriter.text(of: .string(next.name))
                try text.insertElement(quoted, at: connection.entry.keys.count, in: connection.keysPath)
            }
        }
    }

    private static func json(
        _ next: NextKey, _ connection: ConfiguredConnection, _ made: NextKey.Made?,
        _ edit: ConfigurationEdit<Plan>, _ steps: [String]
    ) -> JSONValue {
        var members = [
            JSONMember("connection", .string(connection.entry.name)),
            JSONMember("vendor", .string(connection.vendor.name)),
            JSONMember("signing", .string(connection.signing)), JSONMember("key", .string(next.name)),
            JSONMember("file", .string(next.writtenPath)),
        ]
        if let pem = made?.publicPEM { members.append(JSONMember("publicPem", .string(pem))) }
        members.append(JSONMember("next", .array(steps.map { .string($0) })))
        return .object(members + edit.members)
    }
}
