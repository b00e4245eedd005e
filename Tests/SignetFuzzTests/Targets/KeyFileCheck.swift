import SignetJOSE
import SignetSystem

/// What holds of every key file: what is read is written and read as the same key, and is one kind of key alone.
enum KeyFileCheck {
    /// What is wrong with how a key file is read, or nil.
    static func fault(in file: [UInt8]) -> String? {
        let contents = SecretBytes(copying: file)
        do throws(SignetError) {
            guard let key = try KeyFile.recognised(contents, passphrase: nil) else {
                return refusal { () throws(SignetError) in try VerificationKey(contents: contents) } == nil
                    ? "a key that is not recognised verifies" : nil
            }
            // It is a public key, or stands for one, more often than not: whoever has it could sign.
            if refusal({ () throws(SignetError) in try HS256Key(secret: contents) }) != .asymmetricAsSecret {
                return "a key file is taken for an HMAC secret"
            }
            switch key {
            case .privateKey(let key): return try fault(of: key, in: contents, file)
            case .publicKey(let key): return try fault(of: key, in: contents)
            case .secret: return faultOfSecret(in: contents, file)
            }
        } catch {
            return VisibleCheck.fault(of: error)
        }
    }

    private static func fault(
        of key: ES256PrivateKey, in contents: SecretBytes, _ file: [UInt8]
    ) throws(SignetError) -> String? {
        let numbers = bytes(try key.jwk())
        for format in ES256PrivateKey.Format.allCases {
            let pem = try key.pem(format)
            let again = try ES256PrivateKey(contents: pem, keyID: key.keyID)
            guard bytes(try again.jwk()) == numbers else { return "another private key comes of \(format.rawValue)" }
            guard bytes(try again.pem(format)) == bytes(pem) else { return "\(format.rawValue) is written in two ways" }
        }
        guard bytes(try ES256PrivateKey(contents: try key.jwk()).jwk()) == numbers else {
            return "another private key comes of its JWK"
        }
        if refusal({ () throws(SignetError) in try ES256PublicKey(contents: file) }) != .wrongKind {
            return "a private key is taken for a public one"
        }
        guard case .es256(let half) = try VerificationKey(contents: contents), isSame(half, key.publicKey) else {
            return "the public half of a private key is another"
        }
        if let fault = try faultOfSigning(key) { return fault }
        return try fault(of: key.publicKey, in: nil)
    }

    private static func faultOfSigning(_ key: ES256PrivateKey) throws(SignetError) -> String? {
        do {
            let token = try CompactJWSSigner(key: .es256(key)).sign([])
            try CompactJWS(parsing: token).verify(with: .es256(key.publicKey))
            return nil
        } catch {
            return "the public half refuses what the private one signs: \(error.code)"
        }
    }

    private static func fault(of key: ES256PublicKey, in contents: SecretBytes?) throws(SignetError) -> String? {
        let pem = try key.pem()
        guard isSame(try ES256PublicKey(contents: Array(pem.utf8), keyID: key.keyID), key) else {
            return "another public key comes of its PEM"
        }
        let jwk = JSONWriter.bytes(of: key.jwk)
        let again = try ES256PublicKey(contents: jwk)
        guard isSame(again, key), JSONWriter.bytes(of: again.jwk) == jwk else {
            return "another public key comes of its JWK"
        }
        guard key.jwk["d"] == nil else { return "a public JWK holds a private number" }
        guard let contents else { return nil }
        if refusal({ () throws(SignetError) in try ES256PrivateKey(contents: contents) }) != .wrongKind {
            return "a public key is taken for a private one"
        }
        return nil
    }

    private static func faultOfSecret(in contents: SecretBytes, _ file: [UInt8]) -> String? {
        if refusal({ () throws(SignetError) in try ES256PublicKey(contents: file) }) != .wrongKind {
            return "an HMAC secret is taken for a public key"
        }
        if refusal({ () throws(SignetError) in try ES256PrivateKey(contents: contents) }) != .wrongKind {
            return "an HMAC secret is taken for a private key"
        }
        return nil
    }

    static func isSame(_ left: ES256PublicKey, _ right: ES256PublicKey) -> Bool {
        left.coordinates == right.coordinates && left.thumbprint == right.thumbprint
            && left.keyID.map { Array($0.utf8) } == right.keyID.map { Array($0.utf8) }
    }

    private static func bytes(_ secret: SecretBytes) -> [UInt8] { secret.withUnsafeBytes { Array($0) } }

    private static func refusal<Value>(_ body: () throws(SignetError) -> Value) -> KeyFault? {
        do throws(SignetError) {
            _ = try body()
            return nil
        } catch {
            return KeyFault(rawValue: error.code)
        }
    }
}
