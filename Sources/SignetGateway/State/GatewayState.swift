import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Everything of the gateway that a configuration decides, ready for use. A reload makes another state and replaces this
/// one in one step, so a request never sees parts of both.
public struct GatewayState: Sendable {
    /// Connections and routes.
    public let router: Router
    /// Time-outs and tries.
    public let delivery: DeliverySettings
    /// SHA-256 of the configuration's text in hexadecimal; nil for a state made in memory.
    public let configurationDigest: String?
    let callers: CallerTable
    let subjects: SubjectDigest
    let publicKeys: PublicKeys

    /// Makes a state in memory.
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

    /// The state of a configuration, with the digest key for the audit.
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
            var delivery = configuration.gateway.delivery
            let called = router.connections.count(where: \.isDelivering)
            // All shares together never need more files than the process may have.
            delivery.perConnection = min(
                delivery.perConnection, max(1, DescriptorLimit.vendorConnections / max(1, called)))
            self.digestKey = digestKey
            keys = loading.keys.map { NamedKey(name: $0.entry.name, key: $0.key) }
            warnings = configuration.warnings(of: loading.placeholders)
            state = GatewayState(
                router: router, callers: configuration.gateway.callers, digestKey: digestKey,
                publicKeys: keys.filter { published.contains($0.name) },
                delivery: delivery, configurationDigest: Hexadecimal.encode(SHA256.digest(configuration.source.bytes)))
        }
    }
}

/// The public keys that anybody may read.
struct PublicKeys: Sendable {
    /// A JWK Set.
    let jwks: [UInt8]
    private let pem: [String: String]

    init(_ keys: [NamedKey]) {
        var published: [ES256PublicKey] = []
        var pem: [String: String] = [:]
        for named in keys {
            guard case .es256(let key) = named.key else { continue }
            published.append(key.publicKey)
            pem[named.name] = try? key.publicKey.pem()
        }
        jwks = JSONWriter.visibleBytes(of: JWKSet(published).json)
        self.pem = pem
    }

    /// The SPKI PEM of a key, by the key's name.
    func pem(_ name: String) -> String? {
        pem[name]
    }
}

/// Digests of subjects under a key of Signet's own. A customer has the same digest on every replica, and the digest alone
/// does not reveal the subject.
package struct SubjectDigest: Sendable {
    private let key: HS256Key

    /// Separates these digests from other uses of the key.
    private static let domain = Array("signet subject v1\0".utf8)
    /// How many bytes are kept: 128 bits, so that two customers never share a digest by chance.
    private static let length = 16

    package init(_ key: HS256Key) {
        self.key = key
    }

    /// The tag of a customer, in base64url; nil for an anonymous visitor.
    package func tag(for identity: Identity) -> String? {
        guard case .customer(let customer) = identity else { return nil }
        let input = Self.domain + Array(customer.subject.utf8)
        var code = [UInt8](repeating: 0, count: HS256Key.macLength)
        let done = input.withUnsafeBytes { key.authenticate($0, into: &code) }
        return done ? Base64URL.encode(code[..<Self.length]) : nil
    }
}
