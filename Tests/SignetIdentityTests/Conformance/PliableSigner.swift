import SignetIdentity
import SignetJOSE
import SignetSystem

/// A correct signer in which a test can replace signing or verifying.
struct PliableSigner: IdentitySigner {
    typealias Signing = @Sendable (Identity, SigningContext) throws(SignetError) -> SignedIdentity
    typealias Verifying = @Sendable (String, VerificationContext) -> VerificationReport

    static let lifetime: Int64 = 60

    private let key: HS256Key
    var signing: Signing?
    var verifying: Verifying?

    init() throws {
        key = try HS256Key.generate()
    }

    /// The same signer with one part replaced.
    func replacing(signing: Signing? = nil, verifying: Verifying? = nil) -> PliableSigner {
        var signer = self
        signer.signing = signing ?? self.signing
        signer.verifying = verifying ?? self.verifying
        return signer
    }

    func sign(_ identity: Identity, in context: SigningContext) throws(SignetError) -> SignedIdentity {
        if let signing { return try signing(identity, context) }
        guard case .customer(let customer) = identity else {
            throw SignetError(SigningFault.nothingToSign, "no anonymous visitors")
        }
        return signed(try token(for: customer, at: context.time), at: context.time)
    }

    func token(for customer: Customer, at time: NumericDate) throws(SignetError) -> String {
        do {
            return try CompactJWSSigner(key: .hs256(key), type: "JWT").sign { writer in
                writer.value([
                    "sub": .string(customer.subject), "exp": .number(JSONNumber(time.seconds + Self.lifetime)),
                ])
            }
        } catch {
            throw SignetError(error)
        }
    }

    func signed(
        _ token: String, vendor: String = "pliable", connection: String = "test", key: String = "key",
        kind: String = "pass", at time: NumericDate, issuedAt: NumericDate? = nil, expiresAt: NumericDate? = nil
    ) -> SignedIdentity {
        SignedIdentity(
            vendor: vendor, connection: connection, key: key,
            token: .browser(BrowserToken(kind: BadgeKind(rawValue: kind), compact: token)),
            issuedAt: issuedAt ?? time, expiresAt: expiresAt ?? time.advanced(by: Self.lifetime))
    }

    func verify(_ token: String, in context: VerificationContext) -> VerificationReport {
        if let verifying { return verifying(token, context) }
        var report = VerificationReport()
        guard let payload = report.checkJWS(token, with: [.hs256(key)]) else { return report }
        report.checkExpiry(payload, at: context.time)
        return report
    }
}
