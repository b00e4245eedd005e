import SignetIdentity
import SignetJOSE

/// What the configuration says about the gateway: where it listens, who may ask, how vendors are called.
public struct GatewaySettings: Sendable {
    /// Where callers find it.
    public let listen: ListenAddress
    /// Its own certificate, unless a proxy has one or nobody but this machine can reach it.
    public let tls: TLSFiles?
    /// Whether a proxy stands in front of it.
    public let behindProxy: Bool
    /// Where health and metrics are.
    public let adminListen: ListenAddress
    /// Whether that may be off loopback.
    public let isAdminExposed: Bool
    /// Names that `Host` may have there, besides `localhost` and IP addresses.
    public let adminHosts: [String]
    /// The backends that may ask.
    public let callers: [CallerEntry]
    /// Where every signed identity is recorded, if anywhere.
    public let audit: AuditSettings?
    /// How vendors are called.
    public let delivery: DeliveryTimes
    /// How long requests in flight have to finish, in milliseconds.
    public let drain: Int64
    /// How long the gateway goes on listening once it is no longer ready, in milliseconds.
    public let drainDelay: Int64

    /// The files of a certificate.
    public struct TLSFiles: Sendable, Hashable {
        /// The chain, PEM.
        public let certificate: String
        /// The private key, PEM.
        public let key: String
    }

    /// The audit file and what the disk is promised.
    public struct AuditSettings: Sendable, Hashable {
        /// The file's path.
        public let file: String
        /// Whether a line is on the disk, and not only with the system, before the answer is given.
        public let survivesMachine: Bool
    }

    /// Time-outs in milliseconds, and tries.
    public struct DeliveryTimes: Sendable, Hashable {
        /// Until there is a connection.
        public let connect: Int64
        /// Until one call is answered.
        public let call: Int64
        /// All tries together.
        public let total: Int64
        /// How many tries a call has.
        public let attempts: Int
        /// How many calls of one connection are under way at once.
        public let perConnection: Int
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
    /// Takes them from a configuration in which no fault was found.
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
        // Its form has been checked, so that it can always be read.
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
