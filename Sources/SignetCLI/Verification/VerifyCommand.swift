import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet verify`: checks a token as the vendor would, or only a JWS.
enum VerifyCommand {
    static let declaration = CommandDeclaration(
        path: ["verify"], summary: "checks a token as the vendor would, check by check",
        usages: [
            "ROUTE [TOKEN|-] [--context K=V]… [--session SID | --for create] [--at TIME]",
            "--connection NAME [TOKEN|-] [--session SID | --for create] [--at TIME]",
            "--key FILE [TOKEN|-] [--encoding utf8|base64|base64url|hex]",
        ],
        discussion: [
            "Without TOKEN, or with -, the token is read from stdin, without one final line end.",
            "On a route with a migration, the token may be from either connection; stderr names the side that was checked.",
            "--key checks only the JWS, with a PEM file, a JWK or a secret. The bytes of a secret file are the secret, without one",
            "final line end, unless --encoding decodes them.",
        ],
        operands: [
            .route, .token,
        ],
        flags: [
            .config, .connection,
            .valued("--key", "FILE", "Checks only the JWS, with this key.", completion: .file),
            .encoding, .passphraseFile,
            .toggle("--allow-short-secret", "With --key: accepts an HMAC secret under 32 bytes."),
            .context, .session, .sessionUse,
            .valued("--at", "TIME", "The time of the check, RFC 3339 in UTC: 2026-01-31T12:00:00Z. Default: now."),
            .output,
        ],
        exits: [(.done, "the token is valid"), (.no, "it is not")],
        security: ["Every user of the machine can see the command line: pass the token on stdin."],
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
            throw CommandFailure(.wrongUse, "ROUTE and --key or --connection exclude each other")
        }
        let isJSON = try invocation.wantsJSON()
        let report: VerificationReport
        if let path = invocation.value("--key") {
            try invocation.refuseStandardInputTwice([
                path, invocation.value("--passphrase-file"), invocation.operand(0) ?? "-",
            ])
            let key = try key(path, invocation)
            report = VerificationReport(ofJWS: try TokenInput.token(invocation.operand(0)), with: key)
        } else {
            report = try vendorReport(invocation)
        }
        try Output.report(asJSON: isJSON, report.json, text: report.lines)
        return report.isValid ? .done : .no
    }

    private static func vendorReport(_ invocation: Invocation) throws(CommandFailure) -> VerificationReport {
        let purpose = try invocation.sessionPurpose()
        let time = try time(invocation)
        let context = try invocation.pairs("--context")
        let isNamed = invocation.has("--connection")
        let token = invocation.operand(isNamed ? 0 : 1)
        try invocation.refuseStandardInputTwice([invocation.configurationPath, token ?? "-"])
        let configuration = try invocation.configuration()
        let target = try invocation.target(isNamed ? nil : invocation.operand(0), in: configuration)
        if let migration = target.route?.migration {
            let verification = try MigrationVerification(migration, configuration, purpose)
            return try verification.report(on: try TokenInput.token(token), at: time)
        }
        let connection = try reporting {
            try configuration.load(connection: target.connection(for: RouteQuery(context: context)))
        }
        let needsSession = connection.needsSession
        if purpose != nil && !needsSession { throw CommandFailure.needlessSession }
        if needsSession && purpose == nil { throw CommandFailure.missingSession }
        return connection.verify(
            try TokenInput.token(token), in: VerificationContext(time: time, session: purpose))
    }

    private static func key(_ path: String, _ invocation: Invocation) throws(CommandFailure) -> VerificationKey {
        let reading = try KeyReading(path, invocation)
        switch reading.content {
        case .privateKey(let key): return .es256(key.publicKey)
        case .publicKey(let key): return .es256(key)
        case .secret(let secret, let keyID):
            let allowShort = invocation.has("--allow-short-secret")
            return .hs256(
                try reporting(in: reading.name) {
                    try HS256Key(secret: secret, keyID: keyID, allowShortSecret: allowShort)
                })
        }
    }

    private static func time(_ invocation: Invocation) throws(CommandFailure) -> NumericDate {
        guard let text = invocation.value("--at") else { return .now }
        guard let time = NumericDate(rfc3339: text) else {
            throw CommandFailure(.wrongUse, "--at needs a time", hint: StringForm.time.hint)
        }
        return time
    }
}

/// A token from the command line or stdin.
enum TokenInput {
    static func token(_ operand: String?) throws(CommandFailure) -> String {
        if let operand, operand != "-" { return operand }
        let bytes: [UInt8]
        do {
            bytes = try FileReading.bytes(atPath: "-", limit: 4 * JWSError.maximumTokenLength)
        } catch {
            // Endless input is an invalid token, not a fault of the file.
            throw error.isFault(FileFault.tooLarge) ? CommandFailure(JWSError.tooLarge, as: .no) : CommandFailure(error)
        }
        let text = bytes.withUnsafeBytes { Array(SecretEncoding.withoutLineEnd($0)) }
        guard !text.isEmpty else {
            throw CommandFailure(.wrongUse, "standard input holds no token")
        }
        return String(decoding: text, as: UTF8.self)
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

    /// A line for each check, and the answer.
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

/// `signet verify` on a route with a migration. Tokens of both connections are in use, so the token is checked for both.
private struct MigrationVerification {
    private let purpose: SessionPurpose?
    /// The side that the stage prefers, then the other.
    private let sides: [(side: Migration.Side, connection: VendorConnection)]

    init(
        _ migration: Migration, _ configuration: Configuration, _ purpose: SessionPurpose?
    ) throws(CommandFailure) {
        self.purpose = purpose
        // Until rampdown, most tokens are the old connection's.
        let preferred: Migration.Side = migration.stage < .rampdown ? .from : .to
        var sides: [(side: Migration.Side, connection: VendorConnection)] = []
        for side in [preferred, preferred == .from ? .to : .from] {
            let connection = try reporting { try configuration.load(connection: migration.connection(of: side)) }
            sides.append((side, connection))
        }
        self.sides = sides
        if purpose != nil && !sides.contains(where: \.connection.needsSession) { throw CommandFailure.needlessSession }
    }

    /// The report of the side that accepts the token; else of the side whose key signed it; else of the preferred side.
    func report(on token: String, at time: NumericDate) throws(CommandFailure) -> VerificationReport {
        let context = VerificationContext(time: time, session: purpose)
        let reports = sides.map { side in (side, side.connection.verify(token, in: context)) }
        let isSigned = { (report: VerificationReport) in
            report.checks.contains { $0.name == "signature" && $0.result == .ok }
        }
        let found = reports.first { $1.isValid } ?? reports.first { isSigned($1) }
        guard let (side, report) = found ?? reports.first else { return VerificationReport() }
        if !report.isValid && purpose == nil {
            // A token of a vendor with sessions cannot be checked without its session.
            let isOtherSide = found != nil && !side.connection.needsSession
            if !isOtherSide && sides.contains(where: \.connection.needsSession) {
                throw CommandFailure.missingSession
            }
        }
        let (name, vendor) = (side.connection.name, side.connection.vendor)
        Output.note("signet: checked for \"\(name)\" (\(vendor)), the side \"\(side.side.rawValue)\" of the migration")
        return report
    }
}
