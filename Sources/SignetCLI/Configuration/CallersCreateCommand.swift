import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet callers create`: makes a token for a backend, and the entry that the gateway needs for it.
enum CallersCreateCommand {
    static let declaration = CommandDeclaration(
        path: ["callers", "create"], summary: "makes a token for a backend, and its entry for the configuration",
        usages: ["NAME [--routes GLOB]… [--allow badge|sign]… [--output json]"],
        discussion: [
            "Prints the token to stdout, and the entry for \"callers\" to stderr. The entry holds only the token's digest.",
            "No configuration is read or changed. To replace a token, add the new digest to the existing entry, give the",
            "backend the new token, and remove the old digest.",
        ],
        operands: [.newName],
        flags: [
            .valued(
                "--routes", "GLOB", "A route that it may use, or a pattern: 'uk-*'. Default: '*', every route.",
                repeats: true, completion: .names(.routes)),
            .valued(
                "--allow", rights.joined(separator: "|"), "What it may request. Default: badge.", repeats: true,
                completion: .words(rights)),
            .output,
        ],
        security: [
            "The token is a password with 244 random bits: keep it where the backend keeps its secrets. It cannot be shown",
            "again: the configuration holds only its SHA-256 digest.",
            "\"sign\" returns tokens that prove to the vendor who the customer is. Allow it only to a backend that delivers",
            "them itself.",
        ],
        examples: [
            "(umask 077; signet callers create storefront --routes 'uk-*' --routes us-store > storefront.token)",
            "signet callers create helpdesk --routes support --allow sign --output json",
        ],
        run: run)

    private static let rights = CallerRight.allCases.map(\.rawValue)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let name = try invocation.newName()
        let routes = try routes(invocation)
        // Each right once, in the order of the command line.
        let chosen = try invocation.choices("--allow", of: rights)
        let allowed = chosen.enumerated().filter { chosen.firstIndex(of: $1) == $0 }.map(\.element)
        let isJSON = try invocation.wantsJSON()
        let token = try reporting(as: .outside) { try CallerToken() }
        let text = token.text.withUnsafeBytes { String(decoding: $0.dropLast(), as: UTF8.self) }
        let entry: JSONValue = [
            "name": .string(name),
            "tokenSha256": [.string(token.digest)],
            "routes": .array(routes.map { .string($0) }),
            "allow": .array((allowed.isEmpty ? [CallerRight.badge.rawValue] : allowed).map { .string($0) }),
        ]
        if isJSON {
            try Output.json(["token": .string(text), "entry": entry])
        } else {
            Output.note("signet: the token is shown only once. Add this entry to \"callers\":")
            Output.notes("  " + PrettyJSON.text(of: entry, indent: "  "))
            try Output.result(text)
        }
        return .done
    }

    private static func routes(_ invocation: Invocation) throws(CommandFailure) -> [String] {
        let globs = invocation.values("--routes")
        for glob in globs where !StringForm.routeGlob.accepts(glob) {
            throw CommandFailure(
                .wrongUse, "--routes needs \(StringForm.routeGlob.noun)", hint: StringForm.routeGlob.hint)
        }
        return globs.isEmpty ? ["*"] : globs
    }
}
