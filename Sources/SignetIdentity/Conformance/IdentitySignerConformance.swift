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

    /// The rules that the signer of `connection` breaks, one sentence each; empty for a correct signer.
    public static func problems(of connection: VendorConnection, sampling sample: Sample) -> [String] {
        let signing = SigningContext(
            time: sample.time, requestID: "signet-conformance", route: "conformance", session: sample.session)
        let verification = VerificationContext(time: sample.time, session: sample.session)
        let signed: SignedIdentity
        do {
            signed = try connection.sign(.customer(sample.customer), in: signing)
        } catch {
            return ["does not sign the sample: \(error.reason)"]
        }
        var problems: [String] = []
        if let expiresAt = signed.expiresAt, expiresAt <= sample.time { problems.append("expires before it is issued") }
        let report = connection.verify(signed.token.compact, in: verification)
        if let failure = report.failure { problems.append("refuses its own token: \(failure.detail)") }
        var content = VerificationReport()
        connection.signer.check(report.payload ?? .null, in: verification, into: &content)
        if content.checks.isEmpty { problems.append("accepts every payload: it makes no check") }
        return problems
            + self.problems(ofLifetime: signed, by: connection, session: sample.session)
            + self.problems(ofAnonymous: connection, in: signing)
            + self.problems(ofSecrecy: connection, signed, sample)
            + self.problems(ofThreads: connection, sample.customer, signing)
    }

    // MARK: Time

    private static func problems(
        ofLifetime signed: SignedIdentity, by connection: VendorConnection, session: SessionPurpose?
    ) -> [String] {
        guard let expiresAt = signed.expiresAt else { return [] }
        let later = VerificationContext(
            time: expiresAt.advanced(by: VerificationContext.clockSkew + 1), session: session)
        return connection.verify(signed.token.compact, in: later).isValid
            ? ["accepts its own token after it expired"] : []
    }

    // MARK: Anonymous visitors

    private static func problems(ofAnonymous connection: VendorConnection, in context: SigningContext) -> [String] {
        do {
            _ = try connection.sign(.anonymous, in: context)
            return []
        } catch {
            return error.isFault(SigningFault.nothingToSign)
                ? []
                : ["refuses an anonymous visitor with \(error.code), not with \(SigningFault.nothingToSign.rawValue)"]
        }
    }

    // MARK: Secrecy

    private static func problems(
        ofSecrecy connection: VendorConnection, _ signed: SignedIdentity, _ sample: Sample
    ) -> [String] {
        var problems: [String] = []
        let token = signed.token.compact
        let details = details(ofVerifying: token, by: connection, sample)
        var secrets = [token, sample.customer.subject]
        if case .existing(let session)? = sample.session { secrets.append(session.text) }
        if secrets.contains(where: details.contains) {
            problems.append("a check's detail holds the token, the subject or the session id")
        }
        return problems
    }

    /// The details of checks of a token that is valid, damaged, expired, too early, or for another purpose.
    private static func details(
        ofVerifying token: String, by connection: VendorConnection, _ sample: Sample
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
            contexts.flatMap { connection.verify(token, in: $0).checks.map(\.detail) }
        }.joined(separator: "\n")
    }

    // MARK: Threads

    private static func problems(
        ofThreads connection: VendorConnection, _ customer: Customer, _ context: SigningContext
    ) -> [String] {
        @Sendable func payload() -> [UInt8]? {
            try? connection.prepare(.customer(customer), in: context) { _, bytes in Array(bytes) }
        }
        let first = payload()
        let differing = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 200) { _ in
            if payload() != first { differing.add(1, ordering: .relaxed) }
        }
        return differing.load(ordering: .acquiring) == 0 ? [] : ["prepares the same identity differently each time"]
    }
}
