import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Everything of the gateway that a configuration decides, ready for use. A reload makes another one and puts it in place
/// in one step, so no request sees half of either.
public struct GatewayState: Sendable {
    /// Connections and routes.
    public let router: Router
    /// Time-outs and tries.
    public let delivery: DeliverySettings
    /// SHA-256 of the configuration's text in hexadecimal, or nothing for one that was put together in memory.
    public let configurationDigest: String?
    let callers: CallerTable
    let subjects: SubjectDigest
    let publicKeys: PublicKeys

    /// Puts one together in memory.
    ///
    /// - Parameters:
    ///   - digestKey: A key of Signet's own, the same on every replica, that signs nothing for a vendor.
    ///   - publicKeys: The keys whose public halves are published.
    public init(
        router: Router, callers: [Caller], digestKey: HS256Key, publicKeys: [NamedKey] = [],
        delivery: DeliverySettings = DeliverySettings(), configurationDigest: String? = nil
    ) {
        self.router = router
        self.delivery = delivery
        self.configurationDigest = configurationDigest
        self.callers = CallerTable(callers)
        subjects = SubjectDigest(digestKey)
        self.publicKeys = PublicKeys(publicKeys)
    }

    /// Loads keys and connections of a configuration and tries each with a made-up customer.
    ///
    /// - Throws: ``ConfigurationError`` with everything that does not load, or where there is no `digestKey`.
    public init(_ configuration: Configuration) throws(ConfigurationError) {
        let loaded = try Loaded(configuration)
        self = loaded.state
    }

    /// What a configuration gives: the state, and the digest key for the audit.
    package struct Loaded: Sendable {
        package let state: GatewayState
        package let digestKey: HS256Key
        /// All keys of the configuration.
        package let keys: [NamedKey]
        /// A warning for each placeholder that is in use.
        package let warnings: [Diagnostic]

        package init(
            _ configuration: Configuration, unless isCancelled: @escaping @Sendable () -> Bool = { false }
        ) throws(ConfigurationError) {
            let loading = configuration.loadAll(unless: isCancelled)
            guard loading.errors.isEmpty else { throw ConfigurationError(loading.errors) }
            let digest = loading.keys.first { $0.entry.name == configuration.digestKey }
            guard case .hs256(let digestKey)? = digest?.key else {
                throw ConfigurationError([
                    configuration.source.diagnostic(
                        [], "the gateway needs a \"digestKey\"",
                        hint:
                            "signet keys generate log-digest --algorithm hs256 makes one; the same on every replica")
                ])
            }
            let router = try configuration.router(of: loading)
            let published = Set(configuration.connections.flatMap(\.keys))
            let settings = configuration.gateway.delivery
            let called = router.connections.count { $0.signer is any BackendDelivering }
            self.digestKey = digestKey
            keys = loading.keys.map { NamedKey(name: $0.entry.name, key: $0.key) }
            warnings = configuration.warnings(of: loading.placeholders)
            state = GatewayState(
                router: router, callers: configuration.gateway.callers.map(Caller.init), digestKey: digestKey,
                publicKeys: keys.filter { published.contains($0.name) },
                delivery: DeliverySettings(
                    connect: settings.connect, call: settings.call, total: settings.total, attempts: settings.attempts,
                    // All shares together never need more files than there are: nobody's calls take another's.
                    perConnection: min(
                        settings.perConnection, max(1, DescriptorLimit.vendorConnections / max(1, called)))),
                configurationDigest: Hexadecimal.encode(SHA256.digest(configuration.source.bytes)))
        }
    }
}
