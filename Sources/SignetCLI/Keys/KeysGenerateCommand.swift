import SignetIdentity
import SignetJOSE
import SignetSystem

/// `signet keys generate`: a new key pair or HMAC secret, in files of its own.
enum KeysGenerateCommand {
    static let declaration = CommandDeclaration(
        path: ["keys", "generate"], summary: "makes a P-256 key pair, or an HMAC secret",
        usages: ["NAME [--algorithm es256|hs256] [--dir keys] [--format pkcs8|sec1] [--force]"],
        discussion: [
            "es256: DIR/NAME.private.pem (mode 0600) and DIR/NAME.public.pem; the public PEM is printed.",
            "hs256: DIR/NAME.secret (mode 0600): 32 random bytes in base64url. Configure it with that encoding.",
        ],
        operands: [.newName],
        flags: [
            .valued(
                "--algorithm", "es256|hs256", "Default: es256.", completion: .words(["es256", "hs256"])),
            .valued(
                "--dir", "DIR", "The folder for the files. It is made if it does not exist. Default: keys.",
                completion: .directory),
            .valued(
                "--format", "pkcs8|sec1", "The format of the private key. Default: pkcs8.",
                completion: .words(["pkcs8", "sec1"])),
            .toggle("--force", "Replaces a key of this name. The old key is lost."),
        ],
        security: [
            "A key is never replaced without --force, even if two processes make it at the same moment.",
            "The private file is written completely or not at all, and other users can never read it.",
        ],
        examples: ["signet keys generate talkative-uk-2026", "signet keys generate log-digest --algorithm hs256"],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let name = try invocation.newName()
        let algorithm = try invocation.choice("--algorithm", of: ["es256", "hs256"], suggesting: false) ?? "es256"
        let format = try invocation.choice("--format", of: ES256PrivateKey.Format.allCases.map(\.rawValue))
        if algorithm == "hs256" && format != nil {
            throw CommandFailure(.wrongUse, "--format is for es256, and a secret has no PEM")
        }
        let path = try invocation.directory(invocation.value("--dir"), "--dir") ?? "keys"
        let directory = try reporting { try Directory.make(path) }
        let files = KeyFiles(
            directory: directory, name: name, existing: invocation.has("--force") ? .replaced : .kept)
        if algorithm == "hs256" {
            let path = directory.path(of: try files.makeSecret())
            Output.note("signet: wrote \(path). Configure it as")
            Output.note("  \"\(name)\": { \"file\": \"\(path)\", \"encoding\": \"base64url\" }")
        } else {
            let made = try files.makeKeyPair(format.flatMap(ES256PrivateKey.Format.init) ?? .pkcs8)
            let paths = [made.privateName, made.publicName].map(directory.path)
            Output.note("signet: wrote \(paths[0]) and \(paths[1])")
            try Output.text(made.publicPEM)
        }
        return .done
    }
}
