import SignetJOSE

/// The flags that several commands have.
extension Flag {
    static let help = Flag(name: "--help", short: "-h", summary: "Shows this help.")
    static let config = valued(
        "--config", "FILE", "The configuration. Default: $SIGNET_CONFIG, ./signet.json or ./signet.jsonc.",
        short: "-c", completion: .file)
    static let output = valued(
        "--output", "text|json", "Text for people or JSON for programs. Default: text.",
        completion: .words(["text", "json"]))
    static let dryRun = toggle("--dry-run", "Prints the change as a diff that patch accepts, and writes nothing.")
    static let connection = valued(
        "--connection", "NAME", "Uses this connection instead of a route.", completion: .names(.connections))
    static let attribute = valued("--attribute", "K=V", "An attribute of the customer.", repeats: true)
    static let context = valued(
        "--context", "K=V", "A member of the context that \"when\" reads. Never signed.", repeats: true)
    static let session = valued("--session", "SID", "Pega: the token is for this existing session.")
    static let sessionUse = valued(
        "--for", "create", "Pega: the token is for creating a session.", completion: .words(["create"]))
    static let encoding = valued(
        "--encoding", "ENCODING", "How a secret's text is decoded: utf8, base64, base64url or hex.",
        completion: .words(SecretEncoding.allCases.map(\.rawValue)))
    static let passphraseFile = valued(
        "--passphrase-file", "FILE", "A file with the passphrase of an encrypted private key.", completion: .file)
}

/// The operands that several commands have.
extension Operand {
    static let route = Operand(
        name: "ROUTE", summary: "The name of the route in the configuration.", completion: .names(.routes))
    static let connection = Operand(
        name: "CONNECTION", summary: "The name of the connection in the configuration.",
        completion: .names(.connections))
    static let connectionKey = Operand(
        name: "KEY", summary: "The name of one of the connection's keys.", completion: .names(.keys))
    static let newName = Operand(
        name: "NAME", summary: "The new name: lower-case letters, digits, '.', '_' and '-'.")
    static let token = Operand(name: "TOKEN", summary: "The token. Without it, or with -, it is read from stdin.")
}
