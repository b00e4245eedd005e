import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetServer

/// The two listeners: one for callers, one for health and metrics.
final class GatewayServers {
    private let main: HTTPServer
    private let admin: HTTPServer
    /// The certificate in force, unless a proxy has the certificate or nobody needs one.
    private let tls: Lock<TLSMaterial?>

    /// Serves on both.
    init(
        _ settings: GatewaySettings, certificate tls: TLSMaterial?, on sockets: Sockets, gateway: Gateway,
        admin side: AdminSide
    ) throws(CommandFailure) {
        DescriptorLimit.raise()
        try sockets.check(settings)
        // Health and metrics are asked for by few. They have a thread of their own, so that callers never keep them waiting.
        var few = ServerLimits()
        few.connections = 64
        few.threads = 1
        few.memory = 4 << 20
        self.tls = Lock(tls)
        (main, admin) = try failing({ CommandFailure(.outside, $0) }) { [tls, few] () throws(ServerError) in
            (
                try HTTPServer(
                    on: sockets.main, tls: tls, trustsPeers: settings.behindProxy || sockets.main.isLocal,
                    handler: gateway),
                try HTTPServer(on: sockets.admin, limits: few, trustsPeers: sockets.admin.isLocal, handler: side)
            )
        }
    }

    /// The sockets that are listened on.
    struct Sockets {
        let main: ListeningSocket
        let admin: ListeningSocket

        /// Those that are open already.
        init(main: ListeningSocket, admin: ListeningSocket) {
            self.main = main
            self.admin = admin
        }

        /// Opens those that the configuration names.
        init(_ settings: GatewaySettings) throws(CommandFailure) {
            (main, admin) = try failing({ CommandFailure(.outside, $0) }) { () throws(ServerError) in
                (
                    try Self.open(settings.listen, named: "signet", isOnlyOne: true),
                    try Self.open(settings.adminListen, named: "signet-admin", isOnlyOne: false)
                )
            }
            ListeningSocket.forgetActivation()
        }

        /// What a name or systemd leads to is known only now.
        fileprivate func check(_ settings: GatewaySettings) throws(CommandFailure) {
            guard main.isLocal || settings.tls != nil || settings.behindProxy else {
                throw CommandFailure(
                    .wrongUse, "\(main.name) is not loopback, and there is neither \"tls\" nor \"behindProxy\": true",
                    hint: "callers' tokens and customers' badges would cross the network in the clear")
            }
            guard admin.isLocal || settings.isAdminExposed else {
                throw CommandFailure(
                    .wrongUse, "the admin side's \(admin.name) is not loopback",
                    hint: "metrics have no authentication; in a closed network set \"exposed\": true")
            }
        }

        private static func open(
            _ address: ListenAddress, named name: String, isOnlyOne: Bool
        ) throws(ServerError) -> ListeningSocket {
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

    /// Where they listen, for the log.
    var members: [JSONMember] {
        [JSONMember("listen", .string(main.socket.name)), JSONMember("admin", .string(admin.socket.name))]
    }

    /// What the callers' listener has counted.
    var statistics: @Sendable () -> ServerStatistics {
        main.readStatistics
    }

    /// The certificate in force, for a reader that must not hold the servers.
    var certificate: @Sendable () -> TLSMaterial? {
        { [tls] in tls.withLock { $0 } }
    }

    /// Puts a certificate in place that is another than before; connections that are open keep theirs.
    func renewCertificate(_ found: TLSMaterial?, of configuration: Configuration) throws(CommandFailure) {
        guard let current = certificate() else { return }
        guard let new = found, !new.isSame(as: current) else {
            return try failing({ CommandFailure(.outside, $0) }) { () throws(ServerError) in try main.renewTicketKeys()
            }
        }
        if current.isValid(at: .now), let fault = new.validityFault(at: .now) {
            throw CommandFailure(ConfigurationError([configuration.certificateDiagnostic(fault)]))
        }
        try failing({ CommandFailure(.outside, $0) }) { () throws(ServerError) in try main.replaceTLS(new) }
        tls.withLock { $0 = new }
    }

    /// What a reload cannot change, by its names in the configuration; nothing if nothing of it was changed.
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

    /// Takes no new connection and finishes what is in flight, within so many milliseconds. Health stays up to the end.
    func drain(within milliseconds: Int64) {
        main.beginDrain()
        main.finish(within: milliseconds)
        admin.beginDrain()
        admin.finish(within: 0)
    }
}
