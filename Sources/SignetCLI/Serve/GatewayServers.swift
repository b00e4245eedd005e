import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetServer
import SignetSystem

/// The two listeners: one for callers, and one for health and metrics.
final class GatewayServers {
    private let main: HTTPServer
    private let admin: HTTPServer
    /// The certificate in use; nil without TLS.
    private let tls: Lock<TLSMaterial?>

    /// Serves on both.
    init(
        _ settings: GatewaySettings, certificate tls: TLSMaterial?, on sockets: Sockets, gateway: Gateway,
        admin side: AdminSide
    ) throws(CommandFailure) {
        DescriptorLimit.raise()
        try sockets.check(settings)
        // The admin listener has few clients and its own thread, so that callers never delay it.
        var few = ServerLimits()
        few.clients = 64
        few.threads = 1
        few.memory = 4 << 20
        self.tls = Lock(tls)
        (main, admin) = try reporting { [tls, few] in
            (
                try HTTPServer(
                    on: sockets.main, tls: tls, trustsPeers: settings.behindProxy || sockets.main.isLocal,
                    handler: gateway),
                try HTTPServer(on: sockets.admin, limits: few, trustsPeers: sockets.admin.isLocal, handler: side)
            )
        }
    }

    /// The sockets of both listeners.
    struct Sockets {
        let main: ListeningSocket
        let admin: ListeningSocket

        /// Uses open sockets.
        init(main: ListeningSocket, admin: ListeningSocket) {
            self.main = main
            self.admin = admin
        }

        /// Opens the sockets that the configuration names.
        init(_ settings: GatewaySettings) throws(CommandFailure) {
            (main, admin) = try reporting {
                (
                    try Self.open(settings.listen, named: "signet", isOnlyOne: true),
                    try Self.open(settings.adminListen, named: "signet-admin", isOnlyOne: false)
                )
            }
            ListeningSocket.forgetActivation()
        }

        /// Checks the addresses. Only now it is known which address a name or systemd gives.
        fileprivate func check(_ settings: GatewaySettings) throws(CommandFailure) {
            guard main.isLocal || settings.tls != nil || settings.behindProxy else {
                throw CommandFailure(
                    .wrongUse,
                    "\(main.name) is not a loopback address, and neither \"tls\" nor \"behindProxy\": true is set",
                    hint: ListenAddress.unencryptedHint)
            }
            guard admin.isLocal || settings.isAdminExposed else {
                throw CommandFailure(
                    .wrongUse, "the admin side's \(admin.name) is not loopback",
                    hint: ListenAddress.exposedHint)
            }
        }

        private static func open(
            _ address: ListenAddress, named name: String, isOnlyOne: Bool
        ) throws(SignetError) -> ListeningSocket {
            switch address {
            case .tcp(let host, let port): return try .tcp(host: host, port: port)
            case .unix(let path): return try .unix(path: path)
            case .systemd:
                // A single socket needs no name.
                let names = ListeningSocket.activationVariables["LISTEN_FDNAMES"] ?? ""
                let isNamed = names.split(separator: ":").contains { $0 == name }
                return try .systemd(named: isOnlyOne && !isNamed ? nil : name)
            }
        }
    }

    /// The addresses, for the log.
    var members: [JSONMember] {
        [JSONMember("listen", .string(main.socket.name)), JSONMember("admin", .string(admin.socket.name))]
    }

    /// The counts of the callers' listener.
    var statistics: @Sendable () -> ServerStatistics {
        main.readStatistics
    }

    /// Returns the certificate in use, without holding a reference to the servers.
    var certificate: @Sendable () -> TLSMaterial? {
        { [tls] in tls.withLock { $0 } }
    }

    /// Uses a new certificate, if it is another one. Open connections keep theirs.
    func renewCertificate(_ found: TLSMaterial?, of configuration: Configuration) throws(CommandFailure) {
        guard let current = certificate() else { return }
        guard let new = found, !new.isSame(as: current) else {
            return try reporting {
                try main.renewTicketKeys()
            }
        }
        if current.isValid(at: .now), let fault = new.validityFault(at: .now) {
            throw CommandFailure(ConfigurationError([configuration.certificateDiagnostic(fault)]))
        }
        try reporting { try main.replaceTLS(new) }
        tls.withLock { $0 = new }
    }

    /// The settings that differ and that only a restart can change, by name.
    func needingRestart(_ new: GatewaySettings, since old: GatewaySettings) -> String {
        var names: [String] = []
        if new.listen != old.listen { names.append("listen") }
        if (new.tls == nil) != (old.tls == nil) { names.append("tls") }
        if new.behindProxy != old.behindProxy { names.append("behindProxy") }
        if new.adminListen != old.adminListen { names.append("admin.listen") }
        if new.adminHosts != old.adminHosts { names.append("admin.hosts") }
        if new.audit != old.audit { names.append("audit") }
        return names.joined(separator: ", ")
    }

    /// Refuses new connections and finishes open requests within so many milliseconds. The admin listener answers until the end.
    func drain(within milliseconds: Int64) {
        main.beginDrain()
        main.finish(within: milliseconds)
        admin.beginDrain()
        admin.finish(within: 0)
    }
}
