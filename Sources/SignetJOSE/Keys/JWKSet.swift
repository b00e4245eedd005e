/// A JWK Set (RFC 7517 §5) of public keys.
public struct JWKSet: Sendable {
    /// The P-256 keys of the set, in its order.
    public let keys: [ES256PublicKey]

    /// A set of keys.
    public init(_ keys: [ES256PublicKey]) {
        self.keys = keys
    }

    /// Reads a set. Keys of a kind Signet does not have are left out, as RFC 7517 §5 asks; an unfit P-256 key is an error.
    public init(contents: some Collection<UInt8>) throws(KeyError) {
        let value = try JWK.value(of: contents)
        guard let elements = value["keys"]?.array else {
            throw KeyError(.jwkMember, "a JWK Set is an object with an array \"keys\"")
        }
        var keys: [ES256PublicKey] = []
        for element in elements where element["kty"]?.string == "EC" && element["crv"]?.string == "P-256" {
            guard case .publicKey(let key, let keyID) = try JWK.read(element) else {
                throw KeyError(.wrongKind, "the JWK Set holds a private key; public keys are wanted")
            }
            keys.append(try ES256PublicKey(key, keyID: keyID))
        }
        self.keys = keys
    }

    /// The set as JSON.
    public var json: JSONValue {
        ["keys": .array(keys.map(\.jwk))]
    }
}
