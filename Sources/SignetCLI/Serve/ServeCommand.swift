import SignetConfiguration
import SignetJOSE
import SignetRouting

/// `signet serve`: runs the gateway.
enum ServeCommand {
    static let declaration = CommandDeclaration(
        path: ["serve"], summary: "runs the gateway, from which backends get badges over HTTP",
        usages: ["[-c FILE]"],
        discussion: [
            "Listens at \"listen\" for callers and at \"admin\" for health and metrics. Logs one JSON line per request to stderr.",
            "When a configuration, key or certificate file changes, everything is read again within a second; also on SIGHUP. If",
            "that fails, the log shows the errors and the last good configuration stays in force. SIGUSR1 reopens the audit file.",
            "On SIGTERM the gateway reports that it is not ready, then refuses new connections and finishes open requests.",
        ],
        flags: [.config],
        exits: [
            (.done, "it was stopped by a signal"),
            (.outside, "an address, a file or a key could not be used"),
        ],
        security: [
            "On an address other than loopback it needs \"tls\", or \"behindProxy\": true and a proxy with TLS.",
            "Callers need a token made by signet callers create. Browsers are refused.",
            "Logs, metrics and errors never contain a secret, token, session id or identity.",
        ],
        examples: ["signet serve", "signet serve -c /etc/signet/signet.json"],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let path = invocation.configurationPath
        guard path != "-" else {
            throw CommandFailure(
                .wrongUse, "the gateway cannot read its configuration from standard input",
                hint: "name a file, which is read again when it changes: -c FILE")
        }
        return try ServeRun(
            path, reading: { pins throws(ConfigurationError) in try invocation.readConfiguration(pins) }
        )
        .serve()
    }
}
