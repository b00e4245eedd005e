import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetServer

/// The two listeners: one for callers, one for health and metrics.
final class GatewayServers {
    private let main: HTTPServer
    private let admin: HTTPServer
    /// The certificate's files, unless another proxy has the certificate or nobody needs one.
    private var tls: TLSMaterial?

    /// Opens both listeners and serves.
    init(
        _ settings: GatewaySettings, on sockets: Sockets, gateway: Gateway, admin side: AdminSide
    ) throws(CommandFailure) {
        DescriptorLimit.raise()
        tls = try settings.tls.map { files throws(CommandFailure) in try Self.material(of: files) }
        (main, admin) = try failing({ CommandFailure(.outside, $0) }) { [tls] () throws(ServerError) in
            (
                try HTTPServer(
                    on: sockets.main, tls: tls, trustsPeers: settings.behindProxy || sockets.main.isLocal,
                    handler: gateway),
                try HTTPServer(on: sockets.admin, trustsPeers: sockets.admin.isLocal, handler: side)
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
        { [main] in main.statistics }
    }

    /// Puts a certificate in place that is another than before; connections that are open keep theirs.
    func renewCertificate(_ settings: GatewaySettings) throws(CommandFailure) {
        guard let current = tls, let files = settings.tls else { return }
        let new = try Self.material(of: files)
        guard !new.isSame(as: current) else { return }
        try failing({ CommandFailure(.outside, $0) }) { () throws(ServerError) in try main.replaceTLS(new) }
        tls = new
    }

    private static func material(of files: GatewaySettings.TLSFiles) throws(CommandFailure) -> TLSMaterial {
        let (chain, key) = try failing({ CommandFailure($0) }) { () throws(FileError) in
            (try FileReading.bytes(atPath: files.certificate), try FileReading.secret(atPath: files.key).0)
        }
        return try failing({ CommandFailure(.wrongUse, $0) }) { () throws(ServerError) in
            try TLSMaterial(certificate: chain, key: key)
        }
    }

    /// What a reload cannot change, by its names in the configuration; nothing if nothing of it was changed.
    func needingRestart(_ new: GatewaySettings, since old: GatewaySettings) -> String {
        var names: [String] = []
        if new.listen != old.listen { names.append("listen") }
        if (new.tls == nil) != (old.tls == nil) { names.append("tls") }
        if new.behindProxy != old.behindProxy { names.append("behindProxy") }
        if new.adminListen != old.adminListen { names.append("admin.listen") }
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
