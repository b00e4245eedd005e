import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting

/// `signet callers create`: a token for a backend, and the entry by which the gateway knows it.
enum CallersCreateCommand {
    static let declaration = CommandDeclaration(
        path: ["callers", "create"], summary: "makes a token for a backend, and its entry in the configuration",
        usages: ["NAME [--routes GLOB]… [--allow badge|sign]… [--output json]"],
        discussion: [
            "The token is printed once, on stdout; the entry for \"callers\" goes to stderr and holds its digest alone.",
            "Nothing is written and no configuration is read. To roll a token, add the digest to the entry that is there,",
            "give the backend the new token, and remove the old digest.",
        ],
        operands: [Operand(name: "NAME", summary: "The caller's name: lower-case letters, digits, '.', '_' and '-'.")],
        flags: [
            .valued(
                "--routes", "GLOB", "A route it may use, or a pattern: 'uk-*'. Default: '*', every route.",
                repeats: true, completion: .names(.routes)),
            .valued(
                "--allow", "badge|sign", "What it may ask for. Default: badge.", repeats: true,
                completion: .words(CallerRight.allCases.map(\.rawValue))),
            .output,
        ],
        security: [
            "The token is a password with 244 random bits: keep it where the backend keeps its secrets. It cannot be shown",
            "again; the configuration has its SHA-256 alone, from which nobody can make the token.",
            "\"sign\" hands out tokens that a vendor takes for the customer's own word: allow it only to a backend that",
            "delivers them itself.",
        ],
        examples: [
            "(umask 077; signet callers create storefront --routes 'uk-*' --routes us-store > storefront.token)",
            "signet callers create desk --routes support --allow sign --output json",
        ],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let name = try invocation.requiredOperand(0, "NAME")
        guard StringForm.name.accepts(name) else {
            throw CommandFailure(
                .wrongUse, "\(JSONWriter.text(of: .string(name))) is not a name", hint: StringForm.name.hint)
        }
        let routes = try routes(invocation)
        let rights = try rights(invocation)
        let isJSON = try invocation.wantsJSON()
        let token = try reporting(as: .outside) { try CallerToken() }
        let text = token.text.withUnsafeBytes { String(decoding: $0.dropLast(), as: UTF8.self) }
        let entry: JSONValue = [
            "name": .string(name),
            "tokenSha256": [.string(token.digest)],
            "routes": .array(routes.map { .string($0) }),
            "allow": .array(rights.map { .string($0.rawValue) }),
        ]
        if isJSON {
            try Output.json(["token": .string(text), "entry": entry])
        } else {
            Output.note("signet: the token is shown this once; the gateway knows it by this entry of \"callers\":")
            Output.notes("  " + PrettyJSON.text(of: entry, indent: "  "))
            try Output.result(text)
        }
        return .done
    }

    private static func routes(_ invocation: Invocation) throws(CommandFailure) -> [String] {
        let globs = invocation.values("--routes")
        for glob in globs where !StringForm.routeGlob.accepts(glob) {
            throw CommandFailure(
                .wrongUse, "--routes wants \(StringForm.routeGlob.noun)", hint: StringForm.routeGlob.hint)
        }
        return globs.isEmpty ? ["*"] : globs
    }

    /// Each right once, in the order of the command line.
    private static func rights(_ invocation: Invocation) throws(CommandFailure) -> [CallerRight] {
        var rights: [CallerRight] = []
        for word in invocation.values("--allow") {
            guard let right = CallerRight(rawValue: word) else {
                let words = CallerRight.allCases.map(\.rawValue)
                throw CommandFailure(
                    .wrongUse, "--allow is one of \(words.joined(separator: ", "))",
                    hint: NearestName.to(word, among: words).map { "did you mean \($0)?" })
            }
            if !rights.contains(right) { rights.append(right) }
        }
        return rights.isEmpty ? [.badge] : rights
    }
}
