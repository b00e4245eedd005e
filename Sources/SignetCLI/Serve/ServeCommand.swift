import SignetJOSE
import SignetRouting

/// `signet serve`: the gateway.
enum ServeCommand {
    static let declaration = CommandDeclaration(
        path: ["serve"], summary: "runs the gateway: backends ask it for badges over HTTP",
        usages: ["[-c FILE]"],
        discussion: [
            "Listens at \"listen\" for callers and at \"admin\" for health and metrics; logs one JSON line a request to stderr.",
            "A changed configuration, key or certificate file is read again within a second, and so is everything on SIGHUP;",
            "what is at fault is said, and the last good configuration stays. SIGUSR1 opens the audit file again.",
            "SIGTERM: no longer ready, then no new connections, then what is in flight is finished.",
        ],
        flags: [.config],
        exits: [
            (.done, "it was asked to stop, and nothing was left unanswered"),
            (.outside, "an address, a file or a key could not be used"),
        ],
        security: [
            "Off loopback it needs \"tls\", or \"behindProxy\": true and a proxy that does TLS.",
            "Callers present tokens that signet callers create makes; browsers are refused.",
            "Logs, metrics and errors hold no secret, token, session id or identity.",
        ],
        examples: ["signet serve", "signet serve -c /etc/signet/signet.json"],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let path = invocation.configurationPath
        guard path != "-" else {
            throw CommandFailure(
                .wrongUse, "the gateway reads its configuration again when it changes, and standard input cannot be",
                hint: "-c FILE")
        }
        return try ServeRun(
            path, reading: { pins throws(ConfigurationError) in try invocation.readConfiguration(pins) }
        )
        .serve()
    }
}
