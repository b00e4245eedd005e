import SignetIdentity
import SignetJOSE
import SignetSystem
import Synchronization
import Testing

/// For each rule of signers, a signer that breaks it.
@Suite struct IdentitySignerConformanceTests {
    private let good: PliableSigner
    private let sample: IdentitySignerConformance.Sample
    private let token: String

    init() throws {
        good = try PliableSigner()
        sample = .init(
            customer: try Customer(subject: "marker-customer"), session: .existing(try SessionID("marker-session")))
        token = try good.token(for: sample.customer, at: sample.time)
    }

    private func problems(of signer: PliableSigner) -> [String] {
        IdentitySignerConformance.problems(of: signer, sampling: sample)
    }

    @Test func correctSignerHasNoProblems() {
        #expect(problems(of: good) == [])
    }

    @Test func signerThatFailsIsReported() {
        let fault = SignetError(SigningFault.failed, "it is Sunday")
        let signer = good.replacing(signing: { _, _ throws(SignetError) in throw fault })
        #expect(problems(of: signer) == ["does not sign the sample: it is Sunday"])
    }

    @Test func emptyTokenIsReported() {
        let signer = good.replacing(
            signing: { [good] identity, context throws(SignetError) in
                if identity == .anonymous { throw SignetError(SigningFault.nothingToSign, "no anonymous visitors") }
                return good.signed("", at: context.time)
            })
        #expect(problems(of: signer).contains("signs an empty token"))
    }

    @Test func tooLongTokenIsReported() {
        let signer = good.replacing(
            signing: { [good, token] identity, context throws(SignetError) in
                if identity == .anonymous { throw SignetError(SigningFault.nothingToSign, "no anonymous visitors") }
                return good.signed(token + String(repeating: "A", count: 16384), at: context.time)
            })
        #expect(problems(of: signer).contains("signs a token over 16384 bytes"))
    }

    // MARK: Signing

    /// Signs like the correct signer, but changes the signed identity.
    private func saying(
        _ change: @escaping @Sendable (PliableSigner, String, NumericDate) -> SignedIdentity
    ) -> PliableSigner {
        good.replacing(
            signing: { [good] identity, context throws(SignetError) in
                let signed = try good.sign(identity, in: context)
                return change(good, signed.token.compact, context.time)
            })
    }

    @Test func improperNamesAreReported() {
        #expect(
            problems(of: saying { $0.signed($1, vendor: "Pliable Inc.", at: $2) })
                == ["its signed identity has no proper vendor name"])
        #expect(
            problems(of: saying { $0.signed($1, connection: "", at: $2) })
                == ["its signed identity has no proper connection name"])
        #expect(
            problems(of: saying { $0.signed($1, key: "a key", at: $2) })
                == ["its signed identity has no proper key name"])
    }

    @Test func wrongIssuedAtIsReported() {
        #expect(
            problems(of: saying { $0.signed($1, at: $2, issuedAt: $2.advanced(by: 1)) })
                == ["issuedAt is not the context's time"])
    }

    @Test func pastExpiryIsReported() {
        let signer = saying { $0.signed($1, at: $2, expiresAt: $2) }
        #expect(problems(of: signer).contains("expires before it is issued"))
    }

    @Test func descriptionWithTheTokenIsReported() {
        #expect(problems(of: saying { $0.signed($1, kind: $1, at: $2) }) == ["a description holds the token"])
    }

    // MARK: Verifying

    /// Verifies like the correct signer, but also accepts the token that `accepted` makes of a valid one.
    private func accepting(_ accepted: @escaping @Sendable (String) -> String) -> PliableSigner {
        good.replacing(
            verifying: { [good, token] tried, context in
                var report = VerificationReport()
                report.note("lenient", .ok, "nearly right is right")
                return tried == accepted(token) ? report : good.verify(tried, in: context)
            })
    }

    static func changed(_ token: String, _ segment: Int) -> String {
        var segments = token.split(separator: ".", omittingEmptySubsequences: false).map { Array($0) }
        let middle = segments[segment].count / 2
        segments[segment][middle] = segments[segment][middle] == "A" ? "B" : "A"
        return segments.map { String($0) }.joined(separator: ".")
    }

    static let forgeries: [(what: String, make: @Sendable (String) -> String)] = [
        ("an empty token", { _ in "" }), ("two dots", { _ in ".." }), ("text that is no token", { _ in "not a token" }),
        ("a token with a fourth segment", { $0 + ".AAAA" }), ("a token with a line end", { $0 + "\n" }),
        ("a token without its last character", { String($0.dropLast()) }),
        (
            "an unsigned token",
            { token in
                let payload = token.split(separator: ".")[1]
                return "\(Base64URL.encode(Array(#"{"alg":"none"}"#.utf8))).\(payload)."
            }
        ),
        ("a token without its signature", { String($0.dropLast(43)) }),
        ("a token with a changed header", { changed($0, 0) }), ("a token with a changed payload", { changed($0, 1) }),
        ("a token with a changed signature", { changed($0, 2) }),
    ]

    @Test(arguments: forgeries.indices)
    func acceptedForgeryIsReported(index: Int) {
        let (what, make) = Self.forgeries[index]
        #expect(problems(of: accepting(make)) == ["accepts \(what)"])
    }

    @Test func acceptedForeignSignatureIsReported() {
        let signer = good.replacing(
            verifying: { [good, token] tried, context in
                let isSigned = tried.utf8.count == token.utf8.count && tried.hasPrefix(token.dropLast(43))
                return good.verify(isSigned && tried != Self.changed(token, 2) ? token : tried, in: context)
            })
        #expect(problems(of: signer) == ["accepts a token signed by another key"])
    }

    @Test func refusedOwnTokenIsReported() {
        let signer = good.replacing(
            verifying: { [good] token, context in
                var report = good.verify(token, in: context)
                report.note("mood", .fail, "not today")
                return report
            })
        #expect(
            problems(of: signer) == ["refuses its own token: not today", "fails when several threads sign at once"])
    }

    @Test func reportWithoutChecksIsReported() {
        let signer = good.replacing(verifying: { _, _ in VerificationReport() })
        #expect(
            problems(of: signer) == [
                "verifies without a single check", "does not show header and payload of its own token",
                "fails when several threads sign at once",
            ])
    }

    @Test func missingHeaderAndPayloadAreReported() {
        let signer = good.replacing(
            verifying: { [good] token, context in
                var report = VerificationReport()
                for check in good.verify(token, in: context).checks {
                    report.note(check.name, check.result, check.detail)
                }
                return report
            })
        #expect(problems(of: signer) == ["does not show header and payload of its own token"])
    }

    @Test func acceptedExpiredTokenIsReported() {
        let signer = good.replacing(
            verifying: { [good, sample] token, _ in good.verify(token, in: VerificationContext(time: sample.time)) })
        #expect(problems(of: signer) == ["accepts its own token after it expired"])
    }

    @Test(arguments: SigningFault.allCases.filter { $0 != .nothingToSign })
    func refusingAnAnonymousVisitorWithAnotherCodeIsReported(kind: SigningFault) {
        let signer = good.replacing(
            signing: { [good] identity, context throws(SignetError) in
                if identity == .anonymous { throw SignetError(kind, "go away") }
                return try good.sign(identity, in: context)
            })
        #expect(
            problems(of: signer) == ["refuses an anonymous visitor with \(kind.rawValue), not with nothing-to-sign"])
    }

    @Test func signingAnAnonymousVisitorIsAllowed() {
        let signer = good.replacing(
            signing: { [good, sample] identity, context throws(SignetError) in
                try good.sign(identity == .anonymous ? .customer(sample.customer) : identity, in: context)
            })
        #expect(problems(of: signer) == [])
    }

    @Test(arguments: ["marker-customer", "marker-session", nil])
    func detailWithASecretIsReported(secret: String?) {
        let signer = good.replacing(
            verifying: { [good] token, context in
                var report = good.verify(token, in: context)
                report.note("chatty", report.isValid ? .ok : .fail, "this is \(secret ?? token)")
                return report
            })
        #expect(problems(of: signer) == ["a check's detail holds the token, the subject or the session id"])
    }

    @Test func failureOnSeveralThreadsIsReported() {
        let calls = Counter()
        let signer = good.replacing(
            signing: { [good] identity, context throws(SignetError) in
                if calls.next() == 50 { throw SignetError(SigningFault.failed, "it is busy") }
                return try good.sign(identity, in: context)
            })
        #expect(problems(of: signer) == ["fails when several threads sign at once"])
    }
}

/// Counts calls from any thread.
private final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    func next() -> Int {
        count.add(1, ordering: .relaxed).newValue
    }
}
