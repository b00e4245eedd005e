import SignetSystem

/// A JSON Web Signature in compact serialization (RFC 7515 §7.1), taken apart and not yet believed.
///
/// What parses has the right alphabet, three segments, canonical base64url and a strict JSON object for a header.
/// Nothing in it is true until ``verify(with:)`` returns.
public struct CompactJWS: Sendable {
    /// The protected header, an object.
    public let header: JSONValue
    /// The payload's bytes.
    public let payload: [UInt8]
    /// The signature's bytes.
    public let signature: [UInt8]
    private let signingInput: [UInt8]

    /// Takes a token apart.
    public init(parsing token: String) throws(JWSError) {
        // One byte over the limit is enough to be refused: of what is larger no more is copied.
        try self.init(parsing: Array(token.utf8.prefix(JWSError.maximumTokenLength + 1)))
    }

    /// Takes a token apart.
    public init(parsing token: [UInt8]) throws(JWSError) {
        let segments = try CompactSegments(token)
        header = try Self.header(try Self.decode(segments.header, as: .header))
        payload = try Self.decode(segments.payload, as: .payload)
        signature = try Self.decode(segments.signature, as: .signature)
        signingInput = Array(segments.signingInput)
    }

    /// Checks header and signature against a key.
    ///
    /// The payload may be anything; ``jsonPayload()`` reads it where it is JSON.
    public func verify(with key: VerificationKey) throws(JWSError) {
        try checkHeader(for: key)
        try checkSignature(with: key)
    }

    /// The payload as strict JSON.
    public func jsonPayload() throws(JWSError) -> JSONValue {
        do {
            return try JSONReader.value(payload)
        } catch {
            throw .payloadJSON(error)
        }
    }

    // MARK: Header

    /// Everything about the header that does not depend on a key.
    package var headerProblems: [JWSError] {
        var problems: [JWSError] = []
        if header["crit"] != nil { problems.append(.criticalExtension) }
        if let encoded = header["b64"], encoded != .boolean(true) { problems.append(.unencodedPayload) }
        problems += ["jwk", "jku", "x5u", "x5c"].filter { header[$0] != nil }.map(JWSError.embeddedKey)
        if let keyID = header["kid"], keyID.string == nil { problems.append(.keyIDNotString) }
        if let algorithm = header["alg"]?.string {
            if algorithm.lowercased() == "none" { problems.append(.algorithmNone) }
        } else {
            problems.append(.algorithmMissing)
        }
        return problems
    }

    private func checkHeader(for key: VerificationKey) throws(JWSError) {
        if let problem = headerProblems.first { throw problem }
        guard let algorithm = header["alg"]?.string, algorithm.hasSameBytes(as: key.algorithm.rawValue) else {
            throw .algorithmMismatch(expected: key.algorithm)
        }
        if let expected = key.keyID, let keyID = header["kid"]?.string, !keyID.hasSameBytes(as: expected) {
            throw .keyIDMismatch
        }
    }

    private static func header(_ bytes: [UInt8]) throws(JWSError) -> JSONValue {
        let value: JSONValue
        do {
            value = try JSONReader.value(bytes)
        } catch {
            throw .headerJSON(error)
        }
        guard case .object = value else { throw .headerNotObject }
        return value
    }

    // MARK: Signature

    private func checkSignature(with key: VerificationKey) throws(JWSError) {
        guard signature.count == key.algorithm.signatureLength else {
            if key.algorithm == .es256 && ECDSASignature.looksLikeDER(signature) { throw .signatureDER }
            throw .signatureLength(key.algorithm, found: signature.count)
        }
        let verified: Bool
        switch key {
        case .hs256(let key):
            verified = signingInput.withUnsafeBytes { key.verifies(signature, of: $0) }
        case .es256(let key):
            guard ECDSASignature.isInRange(raw: signature) else { throw .signatureRange }
            verified = signingInput.withUnsafeBytes { key.verifies(signature, of: $0) }
        }
        guard verified else { throw .signatureMismatch }
    }

    private static func decode(_ text: ArraySlice<UInt8>, as segment: JWSError.Segment) throws(JWSError) -> [UInt8] {
        do {
            return try Base64URL.decode(text)
        } catch {
            switch error {
            case .padding: throw .padding
            case .plainAlphabet: throw .plainAlphabet
            case .character: throw .character
            case .length: throw .segmentLength(segment)
            case .spareBits: throw .spareBits(segment)
            }
        }
    }
}
