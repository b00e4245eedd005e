import SignetDG
import SignetIdentity
import SignetJOSE
import SignetPega
import SignetSystem
import SignetTalkative

/// The fuzz target `token`: a token is accepted only if the key made it, it is the one text for what it says, and nothing that is
/// refused stands in it; and each vendor's checks accept no more.
///
/// The first byte of an input says what it is. 0 to 15: the rest is a token. Otherwise it is signed here: the next byte is the
/// header's length; header and payload follow. Bit 5 takes the ES256 key, bit 6 a key with a `kid`; then the lowest bits say what is
/// done to the token before it is checked, at a place that the next two bytes name.
enum TokenFuzz {
    /// What is wrong, or nil.
    static func fault(in input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        guard first > 15 else { return fault(ofToken: Array(input.dropFirst())) }
        guard input.count >= 4 else { return nil }
        let key = keys.filter { (first & 0x20 != 0) == ($0.algorithm == .es256) }[first & 0x40 == 0 ? 0 : 1]
        let (header, payload) = (input.dropFirst(4).prefix(Int(input[3])), input.dropFirst(4 + Int(input[3])))
        let token = signed(Base64URL.encode(header) + "." + Base64URL.encode(payload), by: key)
        let isAccepted = refusal(of: token, with: key) == nil
        if isAccepted != isAllowed(Array(header), for: key, length: token.count) {
            return isAccepted ? "a header that is to be refused is accepted" : "a sound header is refused"
        }
        if let fault = fault(ofToken: token) { return fault }
        guard isAccepted, let changed = changed(token, first & 15, place: Int(input[1]) << 8 | Int(input[2])) else {
            return nil
        }
        if keys.contains(where: { refusal(of: changed, with: $0) == nil }) { return "a changed token is accepted" }
        return fault(ofToken: changed)
    }

    // MARK: Keys

    // Of RFC 7515, A.1 and A.3.
    private static let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
    private static let jwk = """
        {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",\
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}
        """

    private static let keys: [SigningKey] = [nil, "live-1"].flatMap { keyID -> [SigningKey] in
        guard let secret = try? SecretBytes(base64URL: Array(secret.utf8)),
            let hs256 = try? HS256Key(secret: secret, keyID: keyID),
            let es256 = try? ES256PrivateKey(contents: SecretBytes(copying: Array(jwk.utf8)), keyID: keyID)
        else { return [] }
        return [.hs256(hs256), .es256(es256)]
    }

    private static func signed(_ input: String, by key: SigningKey) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 64)
        let length =
            Array(input.utf8).withUnsafeBytes { bytes in
                signature.withUnsafeMutableBytes { output -> Int in
                    switch key {
                    case .hs256(let key):
                        guard let start = output.bindMemory(to: UInt8.self).baseAddress else { return 0 }
                        return key.authenticate(bytes, into: start) ? 32 : 0
                    case .es256(let key): return key.sign(bytes, into: output) ? 64 : 0
                    }
                }
            }
        return Array("\(input).\(Base64URL.encode(signature[..<length]))".utf8)
    }

    private static func refusal(of token: [UInt8], with key: SigningKey) -> JWSError? {
        do throws(JWSError) {
            try CompactJWS(parsing: token).verify(with: key.verificationKey)
            return nil
        } catch {
            return error
        }
    }

    // MARK: What may be accepted

    /// design.md's list of what is refused, looked at from the other side.
    private static func isAllowed(_ header: [UInt8], for key: SigningKey, length: Int) -> Bool {
        guard length <= 16_384, let members = (try? JSONReader.value(header))?.members else { return false }
        var hasAlgorithm = false
        for member in members {
            switch member.name {
            case "crit", "jwk", "jku", "x5u", "x5c": return false
            case "b64": if member.value != .boolean(true) { return false }
            case "alg":
                guard let text = member.value.string, text.utf8.elementsEqual(key.algorithm.rawValue.utf8) else {
                    return false
                }
                hasAlgorithm = true
            case "kid":
                guard let text = member.value.string else { return false }
                if let own = key.keyID, !text.utf8.elementsEqual(own.utf8) { return false }
            default: break
            }
        }
        return hasAlgorithm
    }

    private static func fault(ofToken token: [UInt8]) -> String? {
        let text = String(decoding: token, as: UTF8.self)
        let inspection = CompactJWSInspection(text)
        for problem in inspection.problems {
            if let fault = VisibleCheck.fault(of: problem) { return fault }
        }
        guard let parsed = try? CompactJWS(parsing: token) else {
            if inspection.problems.isEmpty { return "inspect calls sound what cannot be parsed" }
            return faultOfVendors(text, isSigned: { _ in false })
        }
        let segments = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let decoded = segments.map { try? Base64URL.decode($0) }
        guard decoded.count == 3, decoded[1] == parsed.payload, decoded[2] == parsed.signature,
            zip(segments, decoded).allSatisfy({ $1.map { Base64URL.encode($0) }.map { Array($0.utf8) } == Array($0) })
        else { return "a parsed token does not re-serialise to itself" }
        var accepted = Set<Int>()
        for (index, key) in keys.enumerated() {
            if let refusal = refusal(of: token, with: key) {
                if let fault = VisibleCheck.fault(of: refusal) { return fault }
                continue
            }
            accepted.insert(index)
            guard isAllowed(decoded[0] ?? [], for: key, length: token.count) else {
                return "a header that is to be refused is accepted"
            }
            let input = segments[0] + [UInt8(ascii: ".")] + segments[1]
            if key.algorithm == .hs256, signed(String(decoding: input, as: UTF8.self), by: key) != token {
                return "a token is accepted that the key does not make"
            }
            if parsed.payloadProblem == nil, !inspection.problems.isEmpty { return "inspect refuses what verifies" }
        }
        return faultOfVendors(text, isSigned: { accepted.contains($0) })
    }

    /// The token with something else at a place; nil where that changes nothing.
    private static func changed(_ token: [UInt8], _ how: UInt8, place: Int) -> [UInt8]? {
        var changed = token
        let index = place % token.count
        switch how {
        case 0: return nil
        case 1: changed[index] ^= 0x20
        case 2: changed[index] = UInt8(ascii: "A")
        case 3: changed[index] = UInt8(ascii: "_")
        case 4: changed.remove(at: index)
        case 5: changed.insert(UInt8(ascii: "A"), at: index)
        case 6: changed.insert(UInt8(ascii: "."), at: index)
        case 7: changed.insert(UInt8(ascii: "="), at: token.count - index % 3)
        case 8: changed.swapAt(index, token.count - 1)
        case 9: changed.append(changed[index])
        case 10: changed.removeSubrange(index...)
        case 11: changed[token.count - 1] = changed[token.count - 1] &+ 1
        case 12: changed += token[index...]
        case 13: changed[index] = changed[index] ^ 0x80
        default: changed[index] = UInt8(truncatingIfNeeded: place)
        }
        return changed == token ? nil : changed
    }

    // MARK: Vendors

    private static let time = NumericDate(seconds: 1_767_225_600)
    private static let widget = "4d88d63c-b3d9-49ee-8f77-adeb5d4fc223"
    private static let session = try? SessionID("session-1")

    /// A connection of each vendor, and the number of its key.
    private static let connections: [(key: Int, connection: VendorConnection)] = {
        let pega = connection(PegaPlugin.self, 0, #"{"region":"use1","widgetId":"\#(widget)"}"#)
        let talkative = connection(TalkativePlugin.self, 1, #"{"region":"eu","widgetId":"\#(widget)"}"#)
        let other = connection(TalkativePlugin.self, 3, #"{"region":"eu","widgetId":"\#(widget)"}"#)
        return [pega, talkative, other, connection(DGPlugin.self, 2, "{}")].compactMap { $0 }
    }()

    private static func connection<Plugin: VendorPlugin>(
        _ plugin: Plugin.Type, _ index: Int, _ options: String
    ) -> (key: Int, connection: VendorConnection)? {
        guard let settings = try? plugin.settings(json: Array(options.utf8)),
            let connection = try? plugin.connect(
                plugin.vendor.name, settings: settings, keys: ConnectionKeys(NamedKey(name: "key", key: keys[index])))
        else { return nil }
        return (index, connection)
    }

    private static func faultOfVendors(_ token: String, isSigned: (Int) -> Bool) -> String? {
        if connections.count != 4 { return "a connection is not made" }
        for (key, connection) in connections {
            // The others do not look at it.
            let purposes =
                connection.vendor == "pega" ? [nil, .create, session.map(SessionPurpose.existing)] : [nil]
            for purpose in purposes {
                let report = connection.verify(token, in: VerificationContext(time: time, session: purpose))
                for check in report.checks {
                    if let fault = VisibleCheck.fault(of: check.detail) { return fault }
                }
                guard report.isValid else { continue }
                guard isSigned(key) else { return "\(connection.vendor) accepts what its key did not sign" }
                guard let payload = report.payload, let header = report.header else { return "nothing is shown" }
                if let fault = fault(of: payload, header, at: connection.vendor, for: purpose) {
                    return "\(connection.vendor) accepts \(fault)"
                }
            }
        }
        return nil
    }

    /// What no vendor would take.
    private static func fault(
        of payload: JSONValue, _ header: JSONValue, at vendor: String, for purpose: SessionPurpose?
    ) -> String? {
        switch vendor {
        case "talkative":
            guard let entries = payload.array else { return "no array" }
            let isSound = entries.allSatisfy { entry in
                entry.members?.count == 3 && entry["label"]?.string != nil && entry["data"]?.string != nil
                    && entry["type"] == "string"
            }
            return isSound ? nil : "an entry of another form"
        case "pega":
            guard let purpose else { return "a token for nothing" }
            let issuer = if case .existing(let session) = purpose { session.text } else { widget }
            if payload["iss"]?.string != issuer || header["kid"] != nil { return "another issuer or a kid" }
            guard let issuedAt = seconds(payload["iat"]), issuedAt > -331, issuedAt <= 31 else { return "another iat" }
            return faultOfTimes(payload)
        default:
            if header["kid"]?.string != "live-1" || payload["scope"]?.string != "user" { return "no kid or scope" }
            if payload["external_id"]?.string?.isEmpty ?? true { return "nobody" }
            return faultOfTimes(payload)
        }
    }

    private static func faultOfTimes(_ payload: JSONValue) -> String? {
        if payload["exp"] != nil {
            guard let expiry = seconds(payload["exp"]), expiry > -31, expiry < 2_335_219_200 else { return "an exp" }
        }
        for name in ["iat", "nbf"] where payload[name] != nil {
            guard let start = seconds(payload[name]), start <= 31 else { return "an \(name)" }
        }
        return nil
    }

    /// Seconds from the moment of the checks to a claim.
    private static func seconds(_ claim: JSONValue?) -> Double? {
        guard case .number(let number)? = claim else { return nil }
        return Double(number.text).map { $0 - Double(time.seconds) }
    }
}
