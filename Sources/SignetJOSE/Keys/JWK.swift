/// Reads and writes JSON Web Keys (RFC 7517) of the two kinds Signet has: EC on P-256, and oct.
enum JWK {
    static func read(_ bytes: some Collection<UInt8>) throws(KeyError) -> KeyFile.Content {
        try read(try value(of: bytes))
    }

    /// The strict JSON of a key file.
    static func value(of bytes: some Collection<UInt8>) throws(KeyError) -> JSONValue {
        do {
            return try JSONReader.value(bytes)
        } catch {
            throw KeyError(.damaged, "the JWK is not strict JSON: \(error.reason)", hint: error.hint)
        }
    }

    static func read(_ jwk: JSONValue) throws(KeyError) -> KeyFile.Content {
        guard case .object = jwk else { throw KeyError(.jwkMember, "a JWK is a JSON object") }
        if jwk["keys"] != nil {
            throw KeyError(.several, "this is a JWK Set; one JWK is wanted", hint: "take one element of \"keys\"")
        }
        let type = try requiredText("kty", of: jwk)
        let keyID = try optionalText("kid", of: jwk)
        switch type {
        case "EC": return try readEC(jwk, keyID: keyID)
        case "oct": return try readOctets(jwk, keyID: keyID)
        default: throw KeyError(.jwkMisfit, "the JWK's \"kty\" is neither EC nor oct")
        }
    }

    private static func readEC(_ jwk: JSONValue, keyID: String?) throws(KeyError) -> KeyFile.Content {
        let curve = try requiredText("crv", of: jwk)
        guard curve == "P-256" else {
            throw KeyError(.jwkMisfit, "the JWK's \"crv\" is \(JSONWriter.text(of: .string(curve))); ES256 wants P-256")
        }
        let isPrivate = jwk["d"] != nil
        try checkPurpose(of: jwk, algorithm: .es256, operations: isPrivate ? ["sign"] : ["verify"])
        let x = try coordinate("x", of: jwk)
        let y = try coordinate("y", of: jwk)
        guard isPrivate else {
            return .publicKey(try EllipticCurveKey.make(x: x, y: y, privateNumber: nil), keyID: keyID)
        }
        let number = SecretBytes(cleansing: try coordinate("d", of: jwk))
        return .privateKey(try EllipticCurveKey.make(x: x, y: y, privateNumber: number), keyID: keyID)
    }

    private static func readOctets(_ jwk: JSONValue, keyID: String?) throws(KeyError) -> KeyFile.Content {
        try checkPurpose(of: jwk, algorithm: .hs256, operations: ["sign", "verify"])
        return .secret(SecretBytes(cleansing: try bytes("k", of: jwk)), keyID: keyID)
    }

    /// `use`, `key_ops` and `alg`: where they are there, they have to allow what the key is for (RFC 7517 §4.2–4.4).
    private static func checkPurpose(
        of jwk: JSONValue, algorithm: JWSAlgorithm, operations: [String]
    ) throws(KeyError) {
        if let use = jwk["use"], use.string != "sig" {
            throw KeyError(.jwkMisfit, "the JWK's \"use\" is not \"sig\"")
        }
        if let named = jwk["alg"], named.string != algorithm.rawValue {
            throw KeyError(.jwkMisfit, "the JWK's \"alg\" is not \"\(algorithm.rawValue)\"")
        }
        guard let allowed = jwk["key_ops"] else { return }
        let names = allowed.array?.compactMap(\.string) ?? []
        guard names.count == allowed.array?.count, Set(names).count == names.count else {
            throw KeyError(.jwkMember, "the JWK's \"key_ops\" is no list of different names")
        }
        guard operations.contains(where: names.contains) else {
            throw KeyError(.jwkMisfit, "the JWK's \"key_ops\" does not hold \"\(operations[0])\"")
        }
    }

    private static func requiredText(_ name: String, of jwk: JSONValue) throws(KeyError) -> String {
        guard let text = try optionalText(name, of: jwk) else {
            throw KeyError(.jwkMember, "the JWK has no \"\(name)\"")
        }
        return text
    }

    private static func optionalText(_ name: String, of jwk: JSONValue) throws(KeyError) -> String? {
        guard let value = jwk[name] else { return nil }
        guard let text = value.string else { throw KeyError(.jwkMember, "the JWK's \"\(name)\" is not a string") }
        return text
    }

    private static func bytes(_ name: String, of jwk: JSONValue) throws(KeyError) -> [UInt8] {
        let text = try requiredText(name, of: jwk)
        do {
            return try Base64URL.decode(text)
        } catch {
            throw KeyError(.jwkMember, "the JWK's \"\(name)\" is not base64url: \(error)")
        }
    }

    /// RFC 7518 §6.2.1.2: exactly as many bytes as the curve's field has.
    private static func coordinate(_ name: String, of jwk: JSONValue) throws(KeyError) -> [UInt8] {
        let bytes = try bytes(name, of: jwk)
        guard bytes.count == EllipticCurveKey.coordinateLength else {
            throw KeyError(.jwkMember, "the JWK's \"\(name)\" has \(bytes.count) bytes; P-256 wants 32")
        }
        return bytes
    }
}

extension SecretBytes {
    /// Copies `bytes` and cleanses the array.
    package convenience init(cleansing bytes: consuming [UInt8]) {
        let count = bytes.count
        self.init(capacity: count) { memory in
            bytes.withUnsafeMutableBytes { source in
                memory.copyMemory(from: UnsafeRawBufferPointer(source))
                Memory.cleanse(source)
            }
            return count
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

    /// The public JWK, with `use`, `alg` and, where the key has one, `kid`.
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
    public func jwk() throws(KeyError) -> SecretBytes {
        guard let number = privateNumber else { throw KeyError(.brokenLibrary, "OpenSSL could not write the key") }
        let d = number.withUnsafeBytes { Base64URL.encode($0) }
        let members = (publicKey.jwk.members ?? []) + [JSONMember("d", .string(d))]
        return SecretBytes(cleansing: JSONWriter.bytes(of: .object(members)))
    }
}
