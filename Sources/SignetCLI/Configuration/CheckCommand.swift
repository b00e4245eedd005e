import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet check`: checks that the configuration works.
enum CheckCommand {
    static let declaration = CommandDeclaration(
        path: ["check"], summary: "loads everything, and signs and verifies a made-up customer for each connection",
        usages: ["[--deliver CONNECTION] [--output json]"],
        discussion: ["Errors and warnings of the configuration go to stderr with file, line and column."],
        flags: [
            .config,
            .valued(
                "--deliver", "CONNECTION",
                "Also calls the vendor's service for the made-up customer, which creates a real session.",
                completion: .names(.connections)),
            .output,
        ],
        exits: [
            (.done, "everything works; there may be warnings"),
            (.no, "a connection cannot sign a token that its vendor accepts, or the vendor refused"),
        ],
        examples: [
            "signet check", "signet check --deliver pega-us", "signet check -c signet.json --output json",
        ],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let isJSON = try invocation.wantsJSON()
        let configuration: Configuration
        do {
            configuration = try invocation.readConfiguration(.all)
        } catch {
            // Programs get JSON for a configuration that cannot be read, too.
            guard isJSON else { throw CommandFailure(error) }
            try Output.json(json([], error.diagnostics, []))
            return CommandFailure(error).status
        }
        var loading = configuration.loadAll()
        loading.errors = (loading.errors + gatewayFaults(of: configuration)).inFileOrder
        let delivered = try delivery(invocation, configuration, loading)
        let found = findings(configuration, loading) + delivered
        let warnings = (configuration.warnings + configuration.foreignTokenWarnings()).inFileOrder
        if isJSON {
            try Output.json(json(found, loading.errors, warnings))
        } else {
            for line in CommandFailure.lines(of: warnings + loading.errors) { Output.note(line) }
            let width = found.map(\.name.count).max() ?? 0
            for finding in found {
                try Output.result(
                    "\(finding.result.padded(to: 4))  \(finding.name.padded(to: width))  \(finding.detail)")
            }
        }
        guard !loading.errors.isEmpty else {
            if configuration.connections.isEmpty {
                Output.note("signet: warning: the configuration has no connection to check")
            }
            return .done
        }
        if loading.errors.allSatisfy(\.isProbe) { return .no }
        return loading.errors.allSatisfy(\.isExternal) ? .outside : .wrongUse
    }

    /// Faults with which the gateway would not start, apart from its addresses.
    private static func gatewayFaults(of configuration: Configuration) -> [Diagnostic] {
        do throws(ConfigurationError) {
            let fault = try configuration.certificate()?.validityFault(at: .now)
            return configuration.auditFaults() + (fault.map { [configuration.certificateDiagnostic($0)] } ?? [])
        } catch {
            return error.diagnostics + configuration.auditFaults()
        }
    }

    /// Calls the vendor, if `--deliver` is given and the connection could be loaded.
    private static func delivery(
        _ invocation: Invocation, _ configuration: Configuration, _ loading: Configuration.Loading
    ) throws(CommandFailure) -> [Finding] {
        guard let name = invocation.value("--deliver") else { return [] }
        _ = try configuration.connection(named: name)
        guard let connection = loading.connections.first(where: { $0.name == name }) else { return [] }
        try TrialDelivery.deliver(to: connection, with: configuration.gateway.delivery)
        return [
            Finding(
                name: "delivery \(name)", result: "ok",
                detail: "\(connection.vendor): created a session and accepted the private data of a made-up customer")
        ]
    }

    private static func json(_ found: [Finding], _ errors: [Diagnostic], _ warnings: [Diagnostic]) -> JSONValue {
        [
            "valid": .boolean(errors.isEmpty), "checks": .array(found.map(\.json)),
            "errors": .array(errors.map(\.json)), "warnings": .array(warnings.map(\.json)),
        ]
    }

    /// The result of one check.
    private struct Finding {
        let name: String
        let result: String
        let detail: String

        var json: JSONValue {
            ["name": .string(name), "result": .string(result), "detail": .string(detail)]
        }
    }

    /// The result for every key and every connection.
    private static func findings(_ configuration: Configuration, _ loading: Configuration.Loading) -> [Finding] {
        let names =
            configuration.keys.map { "keys.\($0.name)" } + configuration.connections.map { "connections.\($0.name)" }
        var faults: [String: String] = [:]
        for error in loading.errors {
            // A name may contain a dot, and be the start of another name.
            let subject = names.filter { error.path == $0 || error.path.hasPrefix("\($0).") }.max {
                $0.count < $1.count
            }
            if let subject, faults[subject] == nil { faults[subject] = error.message }
        }
        func failed(_ name: String, _ reason: String?) -> Finding {
            Finding(name: name, result: "fail", detail: reason ?? "could not be loaded")
        }
        let keys = configuration.keys.map { key -> Finding in
            let fault = faults["keys.\(key.name)"]
            guard fault == nil, let loaded = loading.keys.first(where: { $0.entry.name == key.name }) else {
                return failed("key \(key.name)", fault)
            }
            return finding(loaded, loading.placeholders)
        }
        let failedKeys = Set(keys.filter { $0.result == "fail" }.map(\.name))
        return keys
            + configuration.connections.map { connection in
                let key = connection.keys.first { failedKeys.contains("key \($0)") }
                let fault = faults["connections.\(connection.name)"] ?? key.map { "key \"\($0)\" failed" }
                guard fault == nil, let ready = loading.scheduled.first(where: { $0.name == connection.name }) else {
                    return failed("connection \(connection.name)", fault)
                }
                return finding(ready, loading.placeholders)
            }
    }

    private static func finding(_ loaded: KeyLoader.Loaded, _ placeholders: [Placeholder]) -> Finding {
        let doubts = doubts(about: loaded) + texts(placeholders, at: ["keys", loaded.entry.name])
        let past = loaded.entry.window.notAfter.flatMap { end in
            end <= .now ? ["signed until \(end.rfc3339) and now only verifies"] : nil
        }
        let mode = loaded.status.map { ", mode \($0.octalMode)" } ?? ""
        return Finding(
            name: "key \(loaded.entry.name)", result: doubts.isEmpty ? "ok" : "warn",
            detail: (["\(loaded.key.algorithm.rawValue)\(mode)"] + (past ?? []) + doubts).joined(separator: "; "))
    }

    private static func doubts(about loaded: KeyLoader.Loaded) -> [String] {
        var doubts: [String] = []
        if loaded.status?.isReadableByGroup == true { doubts.append("the file's group may read it") }
        guard case .hs256(let key) = loaded.key else { return doubts }
        if loaded.entry.encoding == .utf8, !PlaceholderSecret.isOne(loaded.key),
            let other = SecretEncoding.lookalike(of: key.secret)
        {
            doubts.append(
                "decoded as utf8, but looks like \(other.rawValue): check which encoding the vendor means")
        }
        if key.secret.count < HS256Key.minimumLength {
            doubts.append("only \(key.secret.count) bytes, too short for HS256")
        }
        return doubts
    }

    private static func finding(_ connection: ScheduledConnection, _ placeholders: [Placeholder]) -> Finding {
        let now = NumericDate.now
        let doubts =
            connection.connection(at: now).widget.gaps + texts(placeholders, at: ["connections", connection.name])
        let outlook = connection.schedule.flatMap { SigningOutlook($0, at: now) }
        return Finding(
            name: "connection \(connection.name)",
            result: doubts.isEmpty && outlook?.isUrgent != true ? "ok" : "warn",
            detail: (["\(connection.vendor): signed and verified"] + [outlook?.text].compactMap { $0 } + doubts)
                .joined(separator: "; "))
    }

    private static func texts(_ placeholders: [Placeholder], at path: [String]) -> [String] {
        placeholders.filter { $0.path.starts(with: path) }.map { "\($0.message): \(Placeholder.hint)" }
    }
}

extension Diagnostic {
    fileprivate var json: JSONValue {
        var members = [JSONMember("file", .string(file))]
        if let position {
            members += [
                JSONMember("line", .number(JSONNumber(position.line))),
                JSONMember("column", .number(JSONNumber(position.column))),
            ]
        }
        members += [JSONMember("path", .string(path)), JSONMember("message", .string(message))]
        if let hint { members.append(JSONMember("hint", .string(hint))) }
        return .object(members)
    }
}
