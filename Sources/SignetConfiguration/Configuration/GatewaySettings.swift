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
    public let callers: [CallerEntry]
    /// The record of every signed identity, if there is one.
    public let audit: AuditSettings?
    /// How vendors are called.
    public let delivery: DeliveryTimes
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
        /// Whether a line is on the disk before the answer, and not only in the system's memory.
        public let survivesMachine: Bool
    }

    /// Time limits in milliseconds, tries, and calls at once.
    public struct DeliveryTimes: Sendable, Hashable {
        /// For the socket to connect.
        public let connect: Int64
        /// For one call.
        public let call: Int64
        /// For all tries together.
        public let total: Int64
        /// How many tries a call has.
        public let attempts: Int
        /// How many calls of one connection may run at once.
        public let perConnection: Int

        /// The times where the configuration leaves them out.
        public static let standard = DeliveryTimes(
            connect: 2_000, call: 5_000, total: 10_000, attempts: 3, perConnection: 64)
    }

    /// One caller.
    public struct CallerEntry: Sendable {
        /// The caller's name.
        public let name: String
        /// SHA-256 digests of its tokens.
        public let tokenDigests: [[UInt8]]
        /// The routes it may use, as patterns.
        public let routes: [String]
        /// What it may ask for: `badge`, `sign`.
        public let allow: [String]
        /// How often it may ask.
        public let rate: Rate?
    }

    /// A token bucket.
    public struct Rate: Sendable, Hashable {
        /// Requests a second in the long run.
        public let perSecond: Int
        /// Requests at once.
        public let burst: Int
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
        callers = (source.root.member("callers")?.value.elements ?? []).map(CallerEntry.init)
        let record = Self.values("audit", of: source, ConfigurationDeclaration.audit)
        audit =
            root.has("audit")
            ? AuditSettings(
                file: source.resolve(record.text("file")), survivesMachine: record.text("durability") == "machine")
            : nil
        self.delivery = DeliveryTimes(
            connect: delivery.milliseconds("connect") ?? 0, call: delivery.milliseconds("call") ?? 0,
            total: delivery.milliseconds("total") ?? 0, attempts: Int(delivery.integer("attempts") ?? 1),
            perConnection: Int(delivery.integer("perConnection") ?? 1))
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

extension GatewaySettings.CallerEntry {
    init(_ node: JSONNode) {
        let values = OptionValues(node, declared: ConfigurationDeclaration.caller)
        name = values.text("name")
        tokenDigests = (values.strings("tokenSha256") ?? []).compactMap(Hexadecimal.decode)
        routes = values.strings("routes") ?? []
        allow = values.strings("allow") ?? []
        rate = node.member("rate").map { rate in
            let values = OptionValues(rate.value, declared: ConfigurationDeclaration.rate)
            return GatewaySettings.Rate(
                perSecond: Int(values.integer("perSecond") ?? 1), burst: Int(values.integer("burst") ?? 1))
        }
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
