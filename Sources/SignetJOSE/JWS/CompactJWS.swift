import SignetSystem

/// A JSON Web Signature in compact serialization (RFC 7515 §7.1), parsed but not verified.
///
/// A token that parses has the right alphabet, three segments, canonical base64url, and a strict JSON object as its header.
/// Trust nothing in it before ``verify(with:)`` has returned.
public struct CompactJWS: Sendable {
    /// The protected header, an object.
    public let header: JSONValue
    /// The payload's bytes.
    public let payload: [UInt8]
    /// The signature's bytes.
    public let signature: [UInt8]
    private let signingInput: [UInt8]

    /// Parses a token.
    public init(parsing token: String) throws(JWSError) {
        // One byte over the limit is enough to refuse the token, so no more is copied.
        try self.init(parsing: Array(token.utf8.prefix(JWSError.maximumTokenLength + 1)))
    }

    /// Parses a token.
    public init(parsing token: [UInt8]) throws(JWSError) {
        let segments = try CompactSegments(token)
        header = try Self.header(try Self.decode(segments.header, as: .header))
        payload = try Self.decode(segments.payload, as: .payload)
        signature = try Self.decode(segments.signature, as: .signature)
        signingInput = Array(segments.signingInput)
    }

    /// Checks header and signature against a key. The payload can be any bytes.
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

    /// The faults of the header that do not depend on a key.
    var headerProblems: [JWSError] {
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
        if let problem = signatureProblem(for: key.algorithm) { throw problem }
        let verified = signingInput.withUnsafeBytes { input in
            switch key {
            case .hs256(let key): key.verifies(signature, of: input)
            case .es256(let key): key.verifies(signature, of: input)
            }
        }
        guard verified else { throw .signatureMismatch }
    }

    /// A fault in the form of the signature, which no key could have made.
    func signatureProblem(for algorithm: JWSAlgorithm) -> JWSError? {
        guard signature.count == algorithm.signatureLength else {
            let isDER = algorithm == .es256 && ECDSASignature.looksLikeDER(signature)
            return isDER ? .signatureDER : .signatureLength(algorithm, found: signature.count)
        }
        return algorithm == .es256 && !ECDSASignature.isInRange(raw: signature) ? .signatureRange : nil
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

/// The three segments of a compact serialization, found without splitting the token at every dot.
struct CompactSegments {
    let header: ArraySlice<UInt8>
    let payload: ArraySlice<UInt8>
    let signature: ArraySlice<UInt8>
    /// The signed part: header, dot and payload.
    let signingInput: ArraySlice<UInt8>

    init(_ token: [UInt8]) throws(JWSError) {
        guard token.count <= JWSError.maximumTokenLength else { throw .tooLarge }
        let dot = UInt8(ascii: ".")
        guard let first = token.firstIndex(of: dot),
            let second = token[(first + 1)...].firstIndex(of: dot),
            token[(second + 1)...].firstIndex(of: dot) == nil
        else {
            throw .segmentCount
        }
        header = token[..<first]
        payload = token[(first + 1)..<second]
        signature = token[(second + 1)...]
        signingInput = token[..<second]
    }
}
