import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet verify`: a token as the vendor would see it, or a JWS alone.
enum VerifyCommand {
    static let declaration = CommandDeclaration(
        path: ["verify"], summary: "checks a token as the vendor would, check by check",
        usages: [
            "ROUTE [TOKEN|-] [--context K=V]… [--session SID | --for create] [--at TIME]",
            "--connection NAME [TOKEN|-] [--session SID | --for create] [--at TIME]",
            "--key FILE [TOKEN|-] [--encoding utf8|base64|base64url|hex]",
        ],
        discussion: [
            "Without TOKEN, or with -, the token is read from stdin; one final line end is dropped.",
            "On a route in the middle of a move the token may be of either side; stderr says of which it is.",
            "--key checks the JWS alone, with a PEM file, a JWK or a secret. A secret file's bytes are taken as they are,",
            "less one final line end; --encoding takes them for the text of another encoding.",
        ],
        operands: [
            Operand(
                name: "ROUTE", summary: "The route; its connection's keys and rules are used.",
                completion: .names(.routes)),
            Operand(name: "TOKEN", summary: "The token in compact serialization."),
        ],
        flags: [
            .config,
            .valued(
                "--connection", "NAME", "Checks for this connection, whatever the routes say.",
                completion: .names(.connections)),
            .valued("--key", "FILE", "Checks the signature alone, with this key.", completion: .file),
            .encoding, .passphraseFile,
            .toggle("--allow-short-secret", "With --key: takes an HMAC secret under 32 bytes."),
            .valued("--context", "K=V", "What the routes' \"when\" reads.", repeats: true),
            .valued("--session", "SID", "Pega: the session that the token has to be for."),
            .valued(
                "--for", "create", "Pega: the token has to be for making a session.", completion: .words(["create"])),
            .valued("--at", "TIME", "The moment to check for, RFC 3339 in UTC: 2026-01-31T12:00:00Z. Default: now."),
            .output,
        ],
        exits: [(.done, "the token is valid"), (.no, "it is not")],
        security: ["The command line is seen by everybody on the machine: a token is better read from stdin."],
        examples: [
            "signet sign uk-store --subject 12345 | signet verify uk-store",
            "signet verify us-store --session SID --at 2026-01-31T12:00:00Z < token",
            "signet verify --key keys/talkative-uk.public.pem < token",
        ],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        try invocation.refuse(["--connection", "--context", "--session", "--for", "--at"], with: "--key")
        try invocation.refuse(["--encoding", "--passphrase-file", "--allow-short-secret"], unless: "--key")
        if ["--key", "--connection"].contains(where: invocation.has), invocation.operands.count > 1 {
            throw CommandFailure(.wrongUse, "a route stands with neither --key nor --connection")
        }
        let isJSON = try invocation.wantsJSON()
        let report: VerificationReport
        if let path = invocation.value("--key") {
            let key = try key(path, invocation)
            report = VerificationReport(ofJWS: try token(invocation, at: 0), with: key)
        } else {
            report = try vendorReport(invocation)
        }
        try Output.text(isJSON ? JSONWriter.text(of: report.json) + "\n" : report.lines)
        return report.isValid ? .done : .no
    }

    private static func vendorReport(_ invocation: Invocation) throws(CommandFailure) -> VerificationReport {
        let purpose = try invocation.sessionPurpose()
        let time = try time(invocation)
        let context = try invocation.pairs("--context")
        let configuration = try invocation.configuration()
        let isNamed = invocation.has("--connection")
        let target = try invocation.target(isNamed ? nil : invocation.operand(0), in: configuration)
        let routes = configuration.routes
        let (name, migration) = try failing({ CommandFailure(.wrongUse, $0) }) { () throws(SignetError) in
            // A name that is no route's is told by the first of the two.
            let name = try target.connection(in: routes, for: RouteQuery(context: context))
            return (name, routes.routes.first { $0.name == target.route }?.migration)
        }
        if let migration {
            let moved = try MovedToken(migration, configuration, purpose)
            return try moved.report(on: try token(invocation, at: 1), at: time)
        }
        let connection = try failing({ CommandFailure($0) }) { () throws(ConfigurationError) in
            try configuration.load(connection: name)
        }
        let needsSession = connection.needsSession
        if purpose != nil && !needsSession { throw CommandFailure.needlessSession }
        if needsSession && purpose == nil { throw CommandFailure.nothingSaidOfSession }
        let token = try token(invocation, at: isNamed ? 0 : 1)
        return connection.signer.verify(token, in: VerificationContext(time: time, session: purpose))
    }

    private static func key(_ path: String, _ invocation: Invocation) throws(CommandFailure) -> VerificationKey {
        let reading = try KeyReading(
            path, encoding: try invocation.encoding(), passphrase: try KeyReading.passphrase(invocation))
        switch reading.content {
        case .privateKey(let key): return .es256(key.publicKey)
        case .publicKey(let key): return .es256(key)
        case .secret(let secret, let keyID):
            let allowShort = invocation.has("--allow-short-secret")
            return .hs256(
                try failing({ CommandFailure($0, in: path) }) { () throws(SignetError) in
                    try HS256Key(secret: secret, keyID: keyID, allowShortSecret: allowShort)
                })
        }
    }

    private static func time(_ invocation: Invocation) throws(CommandFailure) -> NumericDate {
        guard let text = invocation.value("--at") else { return .now }
        guard let time = NumericDate(rfc3339: text) else {
            throw CommandFailure(.wrongUse, "--at wants a time", hint: StringForm.time.hint)
        }
        return time
    }

    private static func token(_ invocation: Invocation, at index: Int) throws(CommandFailure) -> String {
        try TokenInput.token(invocation.operand(index))
    }
}

/// A token from the command line or stdin.
enum TokenInput {
    static func token(_ operand: String?) throws(CommandFailure) -> String {
        if let operand, operand != "-" { return operand }
        let bytes = try failing(failure) { () throws(SignetError) in
            try FileReading.bytes(atPath: "-", limit: 4 * JWSError.maximumTokenLength)
        }
        let text = bytes.withUnsafeBytes { Array(SecretEncoding.withoutLineEnd($0)) }
        guard !text.isEmpty else {
            throw CommandFailure(.wrongUse, "there is no token on standard input")
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Endless input is an answer like any other: no token is that long.
    private static func failure(_ error: SignetError) -> CommandFailure {
        error.isFault(FileFault.tooLarge) ? CommandFailure(.no, JWSError.tooLarge) : CommandFailure(error)
    }
}

extension Invocation {
    /// Flags that stand only together with another.
    func refuse(_ flags: [String], unless other: String) throws(CommandFailure) {
        if !has(other), let flag = flags.first(where: has) {
            throw CommandFailure(.wrongUse, "\(flag) goes with \(other)")
        }
    }
}

extension VerificationReport {
    /// The contract's JSON form.
    var json: JSONValue {
        let checks = checks.map { check -> JSONValue in
            ["name": .string(check.name), "result": .string(check.result.rawValue), "detail": .string(check.detail)]
        }
        return [
            "valid": .boolean(isValid), "checks": .array(checks), "header": header ?? .null,
            "payload": payload ?? .null,
        ]
    }

    /// One check a line, and the answer.
    var lines: String {
        let width = checks.map(\.name.count).max() ?? 0
        let rows = checks.map { check in
            let result = check.result.rawValue.padded(to: 4)
            return "\(result)  \(check.name.padded(to: width))  \(check.detail)\n"
        }
        return rows.joined() + (isValid ? "valid\n" : "not valid\n")
    }
}

extension String {
    /// With spaces at its end up to a width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
