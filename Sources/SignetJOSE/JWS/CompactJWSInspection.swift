import SignetSystem

/// What can be told of a token without a key: for looking at, never for believing.
public struct CompactJWSInspection: Sendable {
    /// The header, if it can be read at all.
    public let header: JSONValue?
    /// The payload, if it is JSON; its text otherwise, if it is text.
    public let payload: JSONValue?
    /// The signature in base64url as it stands, if there is one.
    public let signature: String?
    /// Everything that would have the token refused, in the order in which it was found.
    public let problems: [JWSError]

    /// Looks at a token.
    public init(_ token: String) {
        let bytes = Array(token.utf8)
        let segments: CompactSegments
        do {
            segments = try CompactSegments(bytes)
        } catch {
            (header, payload, signature, problems) = (nil, nil, nil, [error])
            return
        }
        header = (try? Base64URL.decode(segments.header)).flatMap { try? JSONReader.value($0) }
        payload = (try? Base64URL.decode(segments.payload)).map { bytes in
            (try? JSONReader.value(bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))
        }
        signature = segments.signature.isEmpty ? nil : String(decoding: segments.signature, as: UTF8.self)
        problems = Self.problems(of: bytes)
    }

    private static func problems(of token: [UInt8]) -> [JWSError] {
        let jws: CompactJWS
        do {
            jws = try CompactJWS(parsing: token)
        } catch {
            return [error]
        }
        var problems = jws.headerProblems
        if let algorithm = jws.header["alg"]?.string, !problems.contains(.algorithmNone),
            !JWSAlgorithm.allCases.contains(where: { algorithm.hasSameBytes(as: $0.rawValue) })
        {
            problems.append(.algorithmUnknown)
        }
        if let error = jws.payloadProblem { problems.append(error) }
        if let error = jws.signatureProblem { problems.append(error) }
        return problems
    }
}

extension CompactJWS {
    /// A fault of a payload that is meant to be JSON: duplicates and the like. Text that is no JSON at all is no fault,
    /// since a JWS signs any bytes, unless the header says that the token is a JWT.
    package var payloadProblem: JWSError? {
        do {
            _ = try jsonPayload()
            return nil
        } catch {
            guard case .payloadJSON(let fault) = error else { return error }
            let isOpaque = fault.kind == .syntax || fault.kind == .invalidUTF8
            let isJWT = header["typ"]?.string?.uppercased() == "JWT"
            return isOpaque && !isJWT ? nil : error
        }
    }

    /// A signature that cannot be one, by the algorithm the header names.
    var signatureProblem: JWSError? {
        guard let algorithm = header["alg"]?.string.flatMap(JWSAlgorithm.init) else { return nil }
        guard signature.count == algorithm.signatureLength else {
            let isDER = algorithm == .es256 && ECDSASignature.looksLikeDER(signature)
            return isDER ? .signatureDER : .signatureLength(algorithm, found: signature.count)
        }
        return algorithm == .es256 && !ECDSASignature.isInRange(raw: signature) ? .signatureRange : nil
    }
}
