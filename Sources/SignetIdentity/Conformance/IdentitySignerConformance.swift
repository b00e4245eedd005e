import Dispatch
import SignetJOSE
import SignetSystem
import Synchronization

/// Checks that a signer keeps the rules of ``IdentitySigner``, for a plugin's own tests.
public enum IdentitySignerConformance {
    /// The input of the checks.
    public struct Sample: Sendable {
        /// A customer that the signer can sign.
        public var customer: Customer
        /// The session to sign for, for vendors that bind tokens to a session.
        public var session: SessionPurpose?
        /// The time of signing.
        public var time: NumericDate

        /// Makes a sample.
        public init(
            customer: Customer, session: SessionPurpose? = nil, time: NumericDate = NumericDate(seconds: 1_800_000_000)
        ) {
            self.customer = customer
            self.session = session
            self.time = time
        }
    }

    /// The rules that `signer` breaks, one sentence each; empty for a correct signer.
    public static func problems(of signer: any IdentitySigner, sampling sample: Sample) -> [String] {
        let signing = SigningContext(
            time: sample.time, requestID: "signet-conformance", route: "conformance", session: sample.session)
        let signed: SignedIdentity
        do {
            signed = try signer.sign(.customer(sample.customer), in: signing)
        } catch {
            return ["does not sign the sample: \(error.reason)"]
        }
        let verification = VerificationContext(time: sample.time, session: sample.session)
        return problems(of: signed, at: sample.time)
            + problems(ofVerifying: signed.token.compact, by: signer, in: verification)
            + problems(ofLifetime: signed, by: signer, session: sample.session)
            + problems(ofAnonymous: signer, in: signing)
            + problems(ofSecrecy: signer, signed, sample)
            + problems(ofThreads: signer, sample.customer, signing, verification)
    }

    // MARK: The signed identity

    private static func problems(of signed: SignedIdentity, at time: NumericDate) -> [String] {
        var problems: [String] = []
        if signed.token.compact.isEmpty { problems.append("signs an empty token") }
        if signed.token.compact.utf8.count > JWSError.maximumTokenLength {
            problems.append("signs a token over \(JWSError.maximumTokenLength) bytes")
        }
        for (what, name) in [("vendor", signed.vendor), ("connection", signed.connection), ("key", signed.key)]
        where !StringForm.name.accepts(name) {
            problems.append("its signed identity has no proper \(what) name")
        }
        if signed.issuedAt != time { problems.append("issuedAt is not the context's time") }
        if let expiresAt = signed.expiresAt, expiresAt <= time { problems.append("expires before it is issued") }
        return problems
    }

    // MARK: Verification

    private static func problems(
        ofVerifying token: String, by signer: any IdentitySigner, in context: VerificationContext
    ) -> [String] {
        var problems: [String] = []
        let report = signer.verify(token, in: context)
        if let failure = report.failure { problems.append("refuses its own token: \(failure.detail)") }
        if report.checks.isEmpty { problems.append("verifies without a single check") }
        if report.header == nil || report.payload == nil {
            problems.append("does not show header and payload of its own token")
        }
        for (what, forged) in forgeries(of: token) where signer.verify(forged, in: context).isValid {
            problems.append("accepts \(what)")
        }
        if let foreign = resigned(token), signer.verify(foreign, in: context).isValid {
            problems.append("accepts a token signed by another key")
        }
        return problems
    }

    /// The same header and payload, signed by a new key of the same algorithm.
    private static func resigned(_ token: String) -> String? {
        guard let jws = try? CompactJWS(parsing: token) else { return nil }
        let keyID = jws.header["kid"]?.string
        let key: SigningKey?
        switch jws.header["alg"]?.string.flatMap(JWSAlgorithm.init) {
        case .hs256: key = (try? HS256Key.generate(keyID: keyID)).map(SigningKey.hs256)
        case .es256: key = (try? ES256PrivateKey.generate(keyID: keyID)).map(SigningKey.es256)
        case nil: key = nil
        }
        return key.flatMap { try? CompactJWSSigner(key: $0, type: jws.header["typ"]?.string).sign(jws.payload) }
    }

    /// Tokens that no verifier may accept.
    private static func forgeries(of token: String) -> [(what: String, token: String)] {
        let segments = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        var forgeries = [
            ("an empty token", ""), ("two dots", ".."), ("text that is no token", "not a token"),
            ("a token with a fourth segment", token + ".AAAA"), ("a token with a line end", token + "\n"),
            ("a token without its last character", String(token.dropLast())),
        ]
        guard segments.count == 3 else { return forgeries }
        let unsigned = Base64URL.encode(Array(#"{"alg":"none"}"#.utf8))
        forgeries += [
            ("an unsigned token", "\(unsigned).\(segments[1])."),
            ("a token without its signature", "\(segments[0]).\(segments[1])."),
            ("a token with a changed header", "\(changed(segments[0])).\(segments[1]).\(segments[2])"),
            ("a token with a changed payload", "\(segments[0]).\(changed(segments[1])).\(segments[2])"),
            ("a token with a changed signature", "\(segments[0]).\(segments[1]).\(changed(segments[2]))"),
        ]
        return forgeries
    }

    private static func changed(_ segment: String) -> String {
        var characters = Array(segment)
        let middle = characters.count / 2
        guard characters.indices.contains(middle) else { return "AAAA" }
        characters[middle] = characters[middle] == "A" ? "B" : "A"
        return String(characters)
    }

    // MARK: Time

    private static func problems(
        ofLifetime signed: SignedIdentity, by signer: any IdentitySigner, session: SessionPurpose?
    ) -> [String] {
        guard let expiresAt = signed.expiresAt else { return [] }
        let later = VerificationContext(
            time: expiresAt.advanced(by: VerificationContext.clockSkew + 1), session: session)
        return signer.verify(signed.token.compact, in: later).isValid ? ["accepts its own token after it expired"] : []
    }

    // MARK: Anonymous visitors

    private static func problems(ofAnonymous signer: any IdentitySigner, in context: SigningContext) -> [String] {
        do {
            _ = try signer.sign(.anonymous, in: context)
            return []
        } catch {
            return error.isFault(SigningFault.nothingToSign)
                ? []
                : ["refuses an anonymous visitor with \(error.code), not with \(SigningFault.nothingToSign.rawValue)"]
        }
    }

    // MARK: Secrecy

    private static func problems(
        ofSecrecy signer: any IdentitySigner, _ signed: SignedIdentity, _ sample: Sample
    ) -> [String] {
        var problems: [String] = []
        let token = signed.token.compact
        let texts = ["\(signed)", String(reflecting: signed), "\(signed.token)", String(reflecting: signed.token)]
        if texts.contains(where: { $0.contains(token) }) { problems.append("a description holds the token") }
        let details = details(ofVerifying: token, by: signer, sample)
        var secrets = [token, sample.customer.subject]
        if case .existing(let session)? = sample.session { secrets.append(session.text) }
        if secrets.contains(where: details.contains) {
            problems.append("a check's detail holds the token, the subject or the session id")
        }
        return problems
    }

    /// The details of checks of a token that is valid, damaged, expired, too early, or for another purpose.
    private static func details(
        ofVerifying token: String, by signer: any IdentitySigner, _ sample: Sample
    ) -> String {
        let decade: Int64 = 315_360_000
        let contexts = [
            VerificationContext(time: sample.time, session: sample.session),
            VerificationContext(time: sample.time.advanced(by: decade), session: sample.session),
            VerificationContext(time: sample.time.advanced(by: -decade), session: sample.session),
            VerificationContext(time: sample.time, session: nil),
            VerificationContext(time: sample.time, session: .create),
        ]
        return [token, token + "x"].flatMap { token in
            contexts.flatMap { signer.verify(token, in: $0).checks.map(\.detail) }
        }.joined(separator: "\n")
    }

    // MARK: Threads

    private static func problems(
        ofThreads signer: any IdentitySigner, _ customer: Customer, _ signing: SigningContext,
        _ verification: VerificationContext
    ) -> [String] {
        let failures = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 200) { _ in
            let signed = try? signer.sign(.customer(customer), in: signing)
            let isValid = signed.map { signer.verify($0.token.compact, in: verification).isValid } ?? false
            if !isValid { failures.add(1, ordering: .relaxed) }
        }
        return failures.load(ordering: .acquiring) == 0 ? [] : ["fails when several threads sign at once"]
    }
}
