import SignetSystem

/// Signs payloads as compact JWS (RFC 7515 §7.1), with one header and one key.
///
/// The header is encoded once. A token is built in one buffer, which becomes the string. Signing is thread-safe and
/// takes no shared lock.
public struct CompactJWSSigner: Sendable {
    /// The key that signs.
    public let key: SigningKey
    /// The header of every token.
    package let header: JSONValue
    /// The header in base64url, and the dot after it.
    private let prefix: [UInt8]

    /// Makes a signer.
    ///
    /// - Parameters:
    ///   - key: The key, which names the algorithm.
    ///   - type: The header's `typ`; nil for a header without one.
    ///   - includesKeyID: Whether the header names the key's `kid`, if the key has one.
    public init(key: SigningKey, type: String? = nil, includesKeyID: Bool = true) {
        self.key = key
        var header = [JSONMember("alg", .string(key.algorithm.rawValue))]
        if let type { header.append(JSONMember("typ", .string(type))) }
        if includesKeyID, let keyID = key.keyID { header.append(JSONMember("kid", .string(keyID))) }
        self.header = .object(header)
        prefix = Array(Base64URL.encode(JSONWriter.bytes(of: self.header)).utf8) + [UInt8(ascii: ".")]
    }

    /// Signs the JSON that `payload` writes.
    ///
    /// - Throws: ``JWSError/tooLarge`` for a token over 16 KiB, ``JWSError/signingFailed`` if OpenSSL fails.
    public func sign(_ payload: (inout JSONWriter) -> Void) throws(JWSError) -> String {
        try JSONWriter.withBytes(
            writing: payload, use: { bytes throws(JWSError) -> String in try sign(bytes) })
    }

    /// Signs a payload of any bytes.
    public func sign(_ payload: [UInt8]) throws(JWSError) -> String {
        try payload.withBytes { bytes throws(JWSError) in try sign(bytes) }
    }

    /// Refuses the length of a payload, in bytes, that makes a token over 16 KiB.
    package func check(payloadLength: Int) throws(JWSError) {
        guard tokenLength(payloadLength) <= JWSError.maximumTokenLength else { throw .tooLarge }
    }

    private func inputLength(_ payloadLength: Int) -> Int {
        prefix.count + Base64URL.encodedLength(payloadLength)
    }

    private func tokenLength(_ payloadLength: Int) -> Int {
        inputLength(payloadLength) + 1 + Base64URL.encodedLength(key.algorithm.signatureLength)
    }

    package func sign(_ payload: UnsafeRawBufferPointer) throws(JWSError) -> String {
        try check(payloadLength: payload.count)
        let (inputLength, length) = (inputLength(payload.count), tokenLength(payload.count))
        let token = String(unsafeUninitializedCapacity: length) { token in
            guard let start = token.baseAddress else { return 0 }
            UnsafeMutableRawBufferPointer(token).copyBytes(from: prefix)
            Base64URL.encode(payload, into: start + prefix.count)
            return sign(UnsafeRawBufferPointer(start: start, count: inputLength), into: start + inputLength)
                ? length : 0
        }
        guard !token.isEmpty else { throw .signingFailed }
        return token
    }

    /// Writes the dot and the signature of `input` in base64url.
    private func sign(_ input: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<UInt8>) -> Bool {
        let length = key.algorithm.signatureLength
        return withUnsafeTemporaryAllocation(byteCount: length, alignment: 16) { signature in
            let signed: Bool
            switch key {
            case .hs256(let key):
                guard let base = signature.bindMemory(to: UInt8.self).baseAddress else { return false }
                signed = key.authenticate(input, into: base)
            case .es256(let key):
                signed = key.sign(input, into: signature)
            }
            guard signed else { return false }
            output[0] = UInt8(ascii: ".")
            Base64URL.encode(UnsafeRawBufferPointer(signature), into: output + 1)
            return true
        }
    }
}
