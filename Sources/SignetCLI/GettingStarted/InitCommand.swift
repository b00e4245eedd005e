import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet init`: makes a working configuration and prints the next steps.
enum InitCommand {
    static let declaration = CommandDeclaration(
        path: ["init"], summary: "makes a working signet.json and keys, and prints the next steps",
        usages: ["[DIR]"],
        discussion: [
            "Makes signet.json, its JSON Schema for editors, and keys/ in DIR, or in this folder. Talkative's key pair is real.",
            "The secrets of Pega and DG, the widget ids and DG's \"kid\" are placeholders. Replace them by the vendors' values:",
            "signet check lists those that remain. No existing file is changed.",
        ],
        operands: [
            Operand(
                name: "DIR", summary: "The folder. It is made if it does not exist. Default: this folder.",
                completion: .directory)
        ],
        exits: [(.wrongUse, "wrong use, or one of the files exists already")],
        security: ["Key files have mode 0600, and keys/.gitignore excludes them from git."],
        examples: ["signet init", "signet init chat-identity"],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let directory = try invocation.directory(invocation.operand(0), "DIR") ?? "."
        let made = try make(in: directory, for: invocation.plugins)
        for path in made { Output.note("signet: wrote \(path)") }
        let prefix = directory == "." ? "" : directory + "/"
        let file = prefix + "signet.json"
        let isDefault = invocation.configurationPath == file
        func command(_ words: String) -> String {
            ShellCommand.signet(words, configuration: isDefault ? nil : file)
        }
        try Output.text(
            """
            Next:
              \(command("sign talkative --subject 12345"))
              \(command("check"))
              \(command("serve"))

            While the gateway runs, get a badge for a page:
              curl -H "Authorization: Bearer $(cat \(ShellCommand.quoted(prefix + "keys/backend.token")))" --json '{"subject":"12345"}' \\
                http://\(ListenAddress.loopback(ListenAddress.port))/v1/routes/talkative/badge

            Then put your own values into \(prefix)signet.json:
              Talkative  paste \(prefix)keys/talkative.public.pem into the portal's Signing Keys page
              Pega       put the JWT secret of the Security tab into \(prefix)keys/pega.secret
              DG         put the API secret into \(prefix)keys/dg.secret, and the API key into "kid"

            """)
        return .done
    }

    /// Makes all of the files, or none, and returns their paths.
    static func make(
        in directory: String, for plugins: [any VendorPlugin.Type],
        _ template: (String) -> InitTemplate = { InitTemplate(tokenDigest: $0) }
    ) throws(CommandFailure) -> [String] {
        let folder = try reporting { try Directory.make(directory) }
        do throws(CommandFailure) {
            let keys = try reporting { try folder.make("keys") }
            do throws(CommandFailure) {
                return try make(in: folder, keys: keys, for: plugins, template)
            } catch {
                keys.removeIfMade()
                throw error
            }
        } catch {
            folder.removeIfMade()
            throw error
        }
    }

    private static func make(
        in folder: Directory, keys: Directory, for plugins: [any VendorPlugin.Type],
        _ template: (String) -> InitTemplate
    ) throws(CommandFailure) -> [String] {
        let (configuration, schema) = ("signet.json", InitTemplate.schemaFile)
        let planned = [
            "talkative.private.pem", "talkative.public.pem", "pega.secret", "dg.secret", "log-digest.secret",
            "backend.token",
        ]
        let taken =
            [configuration, schema].first(where: folder.contains).map(folder.path)
            ?? planned.first(where: keys.contains).map(keys.path)
        if let taken {
            throw CommandFailure(
                .wrongUse, "\(taken) exists already",
                hint: "signet init changes no existing file: choose another folder")
        }
        var made: [String] = []
        var isSchemaMade = false
        do {
            let pair = try KeyFiles(directory: keys, name: "talkative").makeKeyPair(.pkcs8)
            made += [pair.privateName, pair.publicName]
            for name in ["pega", "dg"] {
                made.append(try KeyFiles(directory: keys, name: name).write(try PlaceholderSecret.make()))
            }
            made.append(try KeyFiles(directory: keys, name: "log-digest").makeSecret())
            let token = try reporting(as: .outside) { try CallerToken() }
            made.append(try KeyFiles(directory: keys, name: "backend").write(token.text, ending: "token"))
            try reporting {
                let ignored = ".gitignore"
                if !keys.contains(ignored) {
                    try keys.draft(InitTemplate.ignoredKeys, for: ignored, mode: 0o644, existing: .kept).place()
                    made.append(ignored)
                }
                let text = PrettyJSON.text(of: ConfigurationSchema.json(plugins: plugins)) + "\n"
                try folder.draft(text, for: schema, mode: 0o644, existing: .kept).place()
                isSchemaMade = true
                try folder.draft(template(token.digest).configuration, for: configuration, mode: 0o644, existing: .kept)
                    .place()
            }
        } catch {
            for name in made { keys.remove(name) }
            if isSchemaMade { folder.remove(schema) }
            throw error
        }
        return made.map(keys.path) + [configuration, schema].map(folder.path)
    }
}
