import SignetSystem

/// Reads and writes JSON Web Keys (RFC 7517) of two kinds: EC on P-256, and oct.
enum JWK {
    /// The secret members of RFC 7518 §6. They are decoded from the source; no `String` is made of them.
    private static let secretMembers: Set<String> = ["d", "p", "q", "dp", "dq", "qi", "r", "t", "k"]

    static func read(_ bytes: UnsafeRawBufferPointer) throws(SignetError) -> KeyFile.Content {
        try read(try node(of: bytes), in: bytes)
    }

    /// Reads the strict JSON of a key file, without the strings of secret members.
    static func node(of bytes: UnsafeRawBufferPointer) throws(SignetError) -> JSONNode {
        do {
            return try JSONReader.read(secret: bytes, withholding: secretMembers)
        } catch {
            throw SignetError(KeyFault.damaged, "the JWK is not strict JSON: \(error.reason)", hint: error.hint)
        }
    }

    /// Reads the JWK at `node` in `source`.
    static func read(_ node: JSONNode, in source: UnsafeRawBufferPointer) throws(SignetError) -> KeyFile.Content {
        let jwk = node.value
        guard case .object = jwk else { throw SignetError(KeyFault.jwkMember, "a JWK is a JSON object") }
        if jwk["keys"] != nil {
            throw SignetError(
                KeyFault.several, "this is a JWK Set; one JWK is needed", hint: "take one element of \"keys\"")
        }
        let type = try requiredText("kty", of: jwk)
        let keyID = try optionalText("kid", of: jwk)
        switch type {
        case "EC": return try readEC(jwk, number: try secret("d", of: node, in: source), keyID: keyID)
        case "oct": return try readOctets(jwk, secret: try secret("k", of: node, in: source), keyID: keyID)
        default: throw SignetError(KeyFault.jwkMisfit, "the JWK's \"kty\" is neither EC nor oct")
        }
    }

    private static func readEC(
        _ jwk: JSONValue, number: SecretBytes?, keyID: String?
    ) throws(SignetError) -> KeyFile.Content {
        let curve = try requiredText("crv", of: jwk)
        guard curve == "P-256" else {
            let isPlain = curve.utf8.allSatisfy { (0x20...0x7E).contains($0) }
            let found = isPlain ? JSONWriter.text(of: .string(curve)) : "not a curve's name"
            throw SignetError(KeyFault.jwkMisfit, "the JWK's \"crv\" is \(found); ES256 needs P-256")
        }
        try checkPurpose(of: jwk, algorithm: .es256, operation: number == nil ? "verify" : "sign")
        let x = try coordinate("x", of: jwk)
        let y = try coordinate("y", of: jwk)
        guard let number else {
            return .publicKey(try EllipticCurveKey.make(x: x, y: y, privateNumber: nil), keyID: keyID)
        }
        try checkLength(number.count, of: "d")
        return .privateKey(try EllipticCurveKey.make(x: x, y: y, privateNumber: number), keyID: keyID)
    }

    private static func readOctets(
        _ jwk: JSONValue, secret: SecretBytes?, keyID: String?
    ) throws(SignetError) -> KeyFile.Content {
        // A secret in a JWK is read only for verifying.
        try checkPurpose(of: jwk, algorithm: .hs256, operation: "verify")
        guard let secret else { throw SignetError(KeyFault.jwkMember, "the JWK has no \"k\"") }
        return .secret(secret, keyID: keyID)
    }

    /// Checks that `use`, `key_ops` and `alg`, if present, allow the operation (RFC 7517 §4.2–4.4).
    private static func checkPurpose(
        of jwk: JSONValue, algorithm: JWSAlgorithm, operation: String
    ) throws(SignetError) {
        if let use = jwk["use"], use.string != "sig" {
            throw SignetError(KeyFault.jwkMisfit, "the JWK's \"use\" is not \"sig\"")
        }
        if let named = jwk["alg"], named.string != algorithm.rawValue {
            throw SignetError(KeyFault.jwkMisfit, "the JWK's \"alg\" is not \"\(algorithm.rawValue)\"")
        }
        guard let allowed = jwk["key_ops"] else { return }
        let names = allowed.array?.compactMap(\.string) ?? []
        guard names.count == allowed.array?.count, Set(names).count == names.count else {
            throw SignetError(KeyFault.jwkMember, "the JWK's \"key_ops\" is not a list of different names")
        }
        guard names.contains(operation) else {
            throw SignetError(KeyFault.jwkMisfit, "the JWK's \"key_ops\" does not hold \"\(operation)\"")
        }
    }

    private static func requiredText(_ name: String, of jwk: JSONValue) throws(SignetError) -> String {
        guard let text = try optionalText(name, of: jwk) else {
            throw SignetError(KeyFault.jwkMember, "the JWK has no \"\(name)\"")
        }
        return text
    }

    private static func optionalText(_ name: String, of jwk: JSONValue) throws(SignetError) -> String? {
        guard let value = jwk[name] else { return nil }
        guard let text = value.string else {
            throw SignetError(KeyFault.jwkMember, "the JWK's \"\(name)\" is not a string")
        }
        return text
    }

    /// A secret member, decoded from the source; nil if there is none.
    private static func secret(
        _ name: String, of node: JSONNode, in source: UnsafeRawBufferPointer
    ) throws(SignetError) -> SecretBytes? {
        guard let value = node.member(name)?.value else { return nil }
        guard value.string != nil else {
            throw SignetError(KeyFault.jwkMember, "the JWK's \"\(name)\" is not a string")
        }
        do {
            return try SecretBytes(base64URL: source[value.range].dropFirst().dropLast())
        } catch {
            throw SignetError(KeyFault.jwkMember, "the JWK's \"\(name)\" is not base64url: \(error)")
        }
    }

    private static func coordinate(_ name: String, of jwk: JSONValue) throws(SignetError) -> [UInt8] {
        let text = try requiredText(name, of: jwk)
        let bytes: [UInt8]
        do {
            bytes = try Base64URL.decode(text)
        } catch {
            throw SignetError(KeyFault.jwkMember, "the JWK's \"\(name)\" is not base64url: \(error)")
        }
        try checkLength(bytes.count, of: name)
        return bytes
    }

    /// RFC 7518 §6.2.1.2 and §6.2.2.1: the number has exactly the length of the curve's field.
    private static func checkLength(_ count: Int, of name: String) throws(SignetError) {
        guard count == EllipticCurveKey.coordinateLength else {
            throw SignetError(KeyFault.jwkMember, "the JWK's \"\(name)\" has \(count) bytes; P-256 needs 32")
        }
    }
}

extension ES256PublicKey {
    /// The members that RFC 7638 §3.2 hashes, in its order.
    private var requiredMembers: [JSONMember] {
        [
            JSONMember("crv", "P-256"), JSONMember("kty", "EC"),
            JSONMember("x", .string(Base64URL.encode(coordinates.x))),
            JSONMember("y", .string(Base64URL.encode(coordinates.y))),
        ]
    }

    /// The public JWK, with `use`, `alg` and, if the key has one, `kid`.
    public var jwk: JSONValue {
        var members = [JSONMember("kty", "EC"), JSONMember("crv", "P-256")]
        members += requiredMembers[2...]
        members += [JSONMember("use", "sig"), JSONMember("alg", "ES256")]
        if let keyID { members.append(JSONMember("kid", .string(keyID))) }
        return .object(members)
    }

    /// The RFC 7638 thumbprint: SHA-256, in base64url.
    public var thumbprint: String {
        Base64URL.encode(SHA256.digest(JSONWriter.bytes(of: .object(requiredMembers))))
    }
}

extension ES256PrivateKey {
    /// The private JWK as JSON text.
    public func jwk() throws(SignetError) -> SecretBytes {
        guard let number = privateNumber else {
            throw SignetError(KeyFault.brokenLibrary, "OpenSSL could not write the key")
        }
        let members = publicKey.jwk.members ?? []
        return JSONWriter.withBytes(
            writing: { writer in
                writer.beginObject()
                for member in members {
                    writer.name(member.name)
                    writer.value(member.value)
                }
                writer.name("d")
                number.withUnsafeBytes { writer.base64URL($0) }
                writer.endObject()
            },
            use: { SecretBytes(copying: $0) })
    }
}

/// A JWK Set (RFC 7517 §5) of public keys.
public struct JWKSet: Sendable {
    /// The P-256 keys of the set, in its order.
    public let keys: [ES256PublicKey]

    /// A set of keys.
    public init(_ keys: [ES256PublicKey]) {
        self.keys = keys
    }

    /// Reads a set. Keys of other kinds are ignored, as RFC 7517 §5 requires. An invalid P-256 key is an error.
    public init(contents: some Collection<UInt8>) throws(SignetError) {
        // A private key is refused below, and its copy has to be cleansed all the same.
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
                throw SignetError(KeyFault.wrongKind, "the JWK Set holds a private key; only public keys are allowed")
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
