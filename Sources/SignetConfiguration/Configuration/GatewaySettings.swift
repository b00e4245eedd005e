import SignetIdentity
import SignetJOSE

/// The gateway's part of a configuration: where it listens, which callers may ask, how vendors are called.
public struct GatewaySettings: Sendable {
    /// The address for callers.
    public let listen: ListenAddress
    /// Its own certificate; nil behind a proxy or on loopback.
    public let tls: TLSFiles?
    /// Whether a proxy in front of it does TLS.
    public let behindProxy: Bool
    /// The address for health and metrics.
    public let adminListen: ListenAddress
    /// Whether that may be off loopback.
    public let isAdminExposed: Bool
    /// Names that `Host` may have there besides `localhost` and IP addresses.
    public let adminHosts: [String]
    /// The backends that may ask.
    public let callers: [Caller]
    /// The record of every signed identity, if there is one.
    public let audit: AuditSettings?
    /// How vendors are called.
    public let delivery: DeliverySettings
    /// How long requests in flight have to finish after SIGTERM, in milliseconds.
    public let drain: Int64
    /// How long the gateway listens on after SIGTERM while it is not ready, in milliseconds.
    public let drainDelay: Int64

    /// The files of a certificate.
    public struct TLSFiles: Sendable, Hashable {
        /// The chain, PEM.
        public let certificate: String
        /// The private key, PEM.
        public let key: String
    }

    /// The audit file and its durability.
    public struct AuditSettings: Sendable, Hashable {
        /// The file's path.
        public let file: String
        /// What a recorded line survives.
        public let durability: AuditDurability
    }
}

extension GatewaySettings {
    /// Reads them from a configuration without a fault.
    init(checked source: ConfigurationSource) {
        let root = OptionValues(source.root, declared: ConfigurationDeclaration.members(for: []))
        let admin = Self.values("admin", of: source, ConfigurationDeclaration.admin)
        let delivery = Self.values("delivery", of: source, ConfigurationDeclaration.delivery)
        listen = Self.address(of: root, source)
        adminListen = Self.address(of: admin, source)
        isAdminExposed = admin.boolean("exposed")
        adminHosts = admin.strings("hosts") ?? []
        behindProxy = root.boolean("behindProxy")
        let files = Self.values("tls", of: source, ConfigurationDeclaration.tls)
        tls =
            root.has("tls")
            ? TLSFiles(certificate: source.resolve(files.text("certificate")), key: source.resolve(files.text("key")))
            : nil
        callers = (source.root.member("callers")?.value.elements ?? []).map(Caller.init)
        let record = Self.values("audit", of: source, ConfigurationDeclaration.audit)
        audit =
            root.has("audit")
            ? AuditSettings(
                file: source.resolve(record.text("file")),
                durability: AuditDurability(rawValue: record.text("durability")) ?? .process)
            : nil
        self.delivery = DeliverySettings(delivery)
        drain = root.milliseconds("drain") ?? 0
        drainDelay = root.milliseconds("drainDelay") ?? 0
    }

    private static func values(
        _ member: String, of source: ConfigurationSource, _ declared: [OptionDeclaration]
    ) -> OptionValues {
        OptionValues(source.root.member(member)?.value ?? .emptyObject, declared: declared)
    }

    private static func address(of values: OptionValues, _ source: ConfigurationSource) -> ListenAddress {
        // Its form was checked, so it can always be read.
        let address = ListenAddress(values.text("listen")) ?? .systemd
        guard case .unix(let path) = address else { return address }
        return .unix(path: source.resolve(path))
    }
}

/// What a recorded line survives.
public enum AuditDurability: String, Sendable, CaseIterable {
    /// The end of the process, killed or not: the kernel has the line. A lost machine may lose the last seconds. A line is written at
    /// once while that is fast, and by the file's thread otherwise.
    case process
    /// The loss of the machine as well: the disk has said that it has the line. The file's thread writes all lines that wait, and
    /// waits for the disk once.
    case machine
}

/// How much time, how many tries and how many calls at once a vendor gets: `delivery` in the configuration.
public struct DeliverySettings: Sendable, Equatable {
    /// Until there is a connection, in milliseconds, TLS included.
    public var connect: Int64
    /// For one try, in milliseconds, the connection included.
    public var call: Int64
    /// For all calls and tries of one request together, pauses included, in milliseconds.
    public var total: Int64
    /// How often one call is tried, at most.
    public var attempts: Int
    /// How many calls of one connection are under way at once, at most.
    public var perConnection: Int

    /// Makes settings; the defaults are those of the configuration.
    public init(
        connect: Int64 = 2_000, call: Int64 = 5_000, total: Int64 = 10_000, attempts: Int = 3, perConnection: Int = 64
    ) {
        self.connect = connect
        self.call = call
        self.total = total
        self.attempts = attempts
        self.perConnection = perConnection
    }
}

extension DeliverySettings {
    /// Reads them from checked values; a default stands in for every value that is left out.
    fileprivate init(_ values: OptionValues) {
        let standard = DeliverySettings()
        self.init(
            connect: values.milliseconds("connect") ?? standard.connect,
            call: values.milliseconds("call") ?? standard.call, total: values.milliseconds("total") ?? standard.total,
            attempts: values.integer("attempts").map(Int.init) ?? standard.attempts,
            perConnection: values.integer("perConnection").map(Int.init) ?? standard.perConnection)
    }
}

/// Where the gateway listens.
public enum ListenAddress: Sendable, Hashable {
    /// A host and a port.
    case tcp(host: String, port: UInt16)
    /// A Unix-domain socket. A relative path starts at the configuration's directory.
    case unix(path: String)
    /// The socket that systemd passes in.
    case systemd

    /// The gateway's port on 127.0.0.1 if the configuration names no address.
    package static let port: UInt16 = 8787
    /// The same for the admin listener.
    package static let adminPort: UInt16 = 9787

    /// The text of an address on 127.0.0.1.
    package static func loopback(_ port: UInt16) -> String { "127.0.0.1:\(port)" }

    /// Why an address that others reach needs TLS.
    package static let unencryptedHint =
        "without TLS, callers' tokens and customers' badges would not be encrypted on the network"
    /// Why the admin listener stays on loopback.
    package static let exposedHint = "metrics have no authentication; in a closed network set \"exposed\": true"

    /// Reads an address as the configuration writes it.
    public init?(_ text: String) {
        if text == "systemd" {
            self = .systemd
        } else if text.hasPrefix("unix:") {
            let path = text.dropFirst(5)
            guard !path.isEmpty, !path.hasSuffix("/"), StringForm.text.accepts(String(path)) else { return nil }
            self = .unix(path: String(path))
        } else {
            // A host and a port are what an origin has after its scheme.
            guard let origin = WebOrigin("http://\(text)"), let port = origin.port else { return nil }
            self = .tcp(host: origin.host, port: port)
        }
    }

    /// Whether its text says that only this machine can reach it.
    public var isLocal: Bool {
        switch self {
        case .tcp(let host, _): WebOrigin("http://\(host)")?.isLoopback == true
        case .unix, .systemd: true
        }
    }
}
