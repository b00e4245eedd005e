import SignetJOSE
import SignetSystem

/// Makes tokens that Signet never signs: any header, payload or segments, with a valid signature.
///
/// A refusal is tested with a token that has only this one fault, so that it would verify if the refusal were
/// removed.
enum Forge {
    static func hs256(keyID: String? = nil) throws -> HS256Key {
        try HS256Key(secret: SecretBytes(copying: (0..<32).map { UInt8($0) }), keyID: keyID)
    }

    static func es256(keyID: String? = nil) throws -> ES256PrivateKey {
        try ES256PrivateKey(contents: try Fixtures.secret("keys/p256.sec1.pem"), keyID: keyID)
    }

    /// A token over the texts of a header and a payload.
    static func token(header: String, payload: String = "{}", key: SigningKey) throws -> String {
        try token(header: Array(header.utf8), payload: Array(payload.utf8), key: key)
    }

    static func token(header: [UInt8], payload: [UInt8], key: SigningKey) throws -> String {
        try token(headerSegment: Base64URL.encode(header), payloadSegment: Base64URL.encode(payload), key: key)
    }

    /// A token over two segments, which need not be well-formed.
    static func token(headerSegment: String, payloadSegment: String, key: SigningKey) throws -> String {
        let input = headerSegment + "." + payloadSegment
        return input + "." + Base64URL.encode(try signature(over: input, key: key))
    }

    static func signature(over input: String, key: SigningKey) throws -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: key.algorithm.signatureLength)
        let done = Array(input.utf8).withUnsafeBytes { input in
            signature.withUnsafeMutableBufferPointer { output in
                switch key {
                case .hs256(let key): key.authenticate(input, into: output.baseAddress!)
                case .es256(let key): key.sign(input, into: UnsafeMutableRawBufferPointer(output))
                }
            }
        }
        guard done else { throw JWSError.signingFailed }
        return signature
    }

    /// The token with its signature replaced.
    static func replacingSignature(of token: String, by signature: [UInt8]) -> String {
        token.prefix(through: token.lastIndex(of: ".")!) + Base64URL.encode(signature)
    }

    /// The segment with the lowest bit of its last character set, which is a spare bit.
    static func settingSpareBit(of segment: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let value = alphabet.firstIndex(of: segment.last!)!
        precondition(segment.utf8.count % 4 > 1 && value & 1 == 0, "this segment has no spare bits")
        return segment.dropLast() + String(alphabet[value | 1])
    }
}

/// Reads and verifies a token, like a receiver.
func verify(_ token: String, with key: VerificationKey) throws(JWSError) {
    try CompactJWS(parsing: token).verify(with: key)
}

/// The error of a refused token; nil for a valid token.
func refusal(of token: String, with key: VerificationKey) -> JWSError? {
    do throws(JWSError) {
        try verify(token, with: key)
        return nil
    } catch {
        return error
    }
}

/// The fault of the error that `body` throws; nil if it throws none.
func refusedKind<Value>(_ body: () throws(SignetError) -> Value) -> KeyFault? {
    do throws(SignetError) {
        _ = try body()
        return nil
    } catch {
        return KeyFault(rawValue: error.code)
    }
}
