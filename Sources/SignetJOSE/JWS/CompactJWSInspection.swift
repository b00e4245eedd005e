import SignetSystem

/// The parts of a token, read without a key. For display only; nothing in it is verified.
public struct CompactJWSInspection: Sendable {
    /// The header, if it is readable JSON.
    public let header: JSONValue?
    /// The payload if it is JSON, otherwise a string of its bytes.
    public let payload: JSONValue?
    /// The signature's base64url text; nil if it is empty.
    public let signature: String?
    /// The faults for which a verifier refuses the token, in the order in which they were found.
    public let problems: [JWSError]

    /// Inspects a token.
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
    /// A fault of a JSON payload, such as a duplicate member.
    ///
    /// A payload that is not JSON is a fault only if the header says that the token is a JWT: a JWS can sign any bytes.
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

    /// A fault in the form of the signature, by the algorithm that the header names.
    var signatureProblem: JWSError? {
        guard let algorithm = header["alg"]?.string.flatMap(JWSAlgorithm.init) else { return nil }
        return signatureProblem(for: algorithm)
    }
}
