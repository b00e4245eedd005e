import SignetJOSE

extension VerificationReport {
    /// The checks that all vendors share: serialization, header, algorithm, key id, signature, strict JSON payload.
    ///
    /// - Parameter keys: One of these keys has to have signed. If none did, the report is about the key that passed the most
    ///   checks.
    /// - Returns: The payload, if all checks passed.
    public mutating func checkJWS(_ token: String, with keys: [VerificationKey]) -> JSONValue? {
        let inspection = CompactJWSInspection(token)
        show(header: inspection.header, payload: inspection.payload)
        var furthest: JWSError?
        for key in keys {
            do {
                let payload = try Self.verified(token, with: key)
                noteJWS(nil)
                return payload
            } catch {
                if furthest.map({ $0.check < error.check }) ?? true { furthest = error }
            }
        }
        guard let furthest else {
            note("signature", .fail, "there is no key to check it with")
            return nil
        }
        noteJWS(furthest)
        return nil
    }

    private static func verified(_ token: String, with key: VerificationKey) throws(JWSError) -> JSONValue {
        let jws = try CompactJWS(parsing: token)
        try jws.verify(with: key)
        return try jws.jsonPayload()
    }

    /// Records the checks up to the one that failed.
    private mutating func noteJWS(_ error: JWSError?) {
        for check in JWSCheck.allCases {
            if let error, error.check == check {
                note(check.rawValue, .fail, error.reason)
                return
            }
            note(check.rawValue, .ok, check.detail)
        }
    }
}

/// The shared checks, in their order.
private enum JWSCheck: String, CaseIterable, Comparable {
    case serialization
    case header
    case algorithm
    case keyID = "key-id"
    case signature
    case payload

    static func < (left: JWSCheck, right: JWSCheck) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }

    var detail: String {
        switch self {
        case .serialization: "compact serialization, three segments, canonical base64url"
        case .header: "a strict JSON object without crit, b64 or an embedded key"
        case .algorithm: "the header's alg is the key's"
        case .keyID: "the header's kid does not contradict the key's"
        case .signature: "made by the connection's key over exactly this token"
        case .payload: "strict JSON"
        }
    }
}

extension JWSError {
    fileprivate var check: JWSCheck {
        switch self {
        case .tooLarge, .character, .plainAlphabet, .padding, .segmentCount, .spareBits, .segmentLength: .serialization
        case .headerJSON, .headerNotObject, .criticalExtension, .unencodedPayload, .embeddedKey: .header
        case .algorithmMissing, .algorithmNone, .algorithmUnknown, .algorithmMismatch: .algorithm
        case .keyIDMismatch, .keyIDNotString: .keyID
        case .signatureLength, .signatureDER, .signatureRange, .signatureMismatch, .signingFailed: .signature
        case .payloadJSON: .payload
        }
    }
}

extension VerificationReport {
    /// The checks of a JWS with any payload. A JSON payload has to be strict.
    package init(ofJWS token: String, with key: VerificationKey) {
        self.init()
        let inspection = CompactJWSInspection(token)
        show(header: inspection.header, payload: inspection.payload)
        do throws(JWSError) {
            let jws = try CompactJWS(parsing: token)
            try jws.verify(with: key)
            if let problem = jws.payloadProblem { throw problem }
            noteJWS(nil)
        } catch {
            noteJWS(error)
        }
    }
}
