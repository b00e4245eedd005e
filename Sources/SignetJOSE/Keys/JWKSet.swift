import SignetSystem

/// A JWK Set (RFC 7517 §5) of public keys.
public struct JWKSet: Sendable {
    /// The P-256 keys of the set, in its order.
    public let keys: [ES256PublicKey]

    /// A set of keys.
    public init(_ keys: [ES256PublicKey]) {
        self.keys = keys
    }

    /// Reads a set. Keys of a kind Signet does not have are left out, as RFC 7517 §5 asks; an unfit P-256 key is an
    /// error.
    public init(contents: some Collection<UInt8>) throws(SignetError) {
        // Private keys do not belong here, but whoever put one in still wants it cleansed.
        keys = try SecretBytes(copying: contents).withUnsafeBytes { bytes throws(SignetError) in
            try Self.keys(in: bytes)
        }
    }

    private static func keys(in bytes: UnsafeRawBufferPointer) throws(SignetError) -> [ES256PublicKey] {
        guard let elements = try JWK.node(of: bytes).member("keys")?.value.elements else {
            throw SignetError(KeyFault.jwkMember, "a JWK Set is an object with an array \"keys\"")
        }
        var keys: [ES256PublicKey] = []
        for element in elements where isP256(element) {
            guard case .publicKey(let key, let keyID) = try JWK.read(element, in: bytes) else {
                throw SignetError(KeyFault.wrongKind, "the JWK Set holds a private key; public keys are wanted")
            }
            keys.append(try ES256PublicKey(key, keyID: keyID))
        }
        return keys
    }

    private static func isP256(_ element: JSONNode) -> Bool {
        element.member("kty")?.value.string == "EC" && element.member("crv")?.value.string == "P-256"
    }

    /// The set as JSON.
    public var json: JSONValue {
        ["keys": .array(keys.map(\.jwk))]
    }
}
