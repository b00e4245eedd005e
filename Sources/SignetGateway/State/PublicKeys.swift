import SignetIdentity
import SignetJOSE

/// The public halves that anybody may read.
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
