import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Synchronization
import Testing

/// For each rule of signers, a signer that breaks it.
@Suite struct IdentitySignerConformanceTests {
    private let sample: IdentitySignerConformance.Sample

    init() throws {
        sample = .init(
            customer: try Customer(subject: "marker-customer"), session: .existing(try SessionID("marker-session")))
    }

    private func problems(of signer: ClosureSigner) throws -> [String] {
        IdentitySignerConformance.problems(of: try signer.connection(), sampling: sample)
    }

    @Test func correctSignerHasNoProblems() throws {
        #expect(try problems(of: ClosureSigner()) == [])
    }

    @Test func signerThatFailsIsReported() throws {
        let signer = ClosureSigner(preparing: { _, _ throws(SignetError) in
            throw SignetError(SigningFault.failed, "it is Sunday")
        })
        #expect(try problems(of: signer) == ["does not sign the sample: it is Sunday"])
    }

    @Test(
        arguments: [
            { _ in }, { $0.beginObject() }, { $0.beginArray() },
            { writer in
                writer.beginObject()
                writer.endArray()
                writer.endArray()
            },
            { writer in
                writer.beginObject()
                writer.endArray()
            },
            { writer in
                writer.beginArray()
                writer.endArray()
                writer.endArray()
                writer.beginArray()
            },
            { writer in
                writer.null()
                writer.null()
            },
        ] as [@Sendable (inout JSONWriter) -> Void])
    func incompletePayloadIsReported(write: @escaping @Sendable (inout JSONWriter) -> Void) throws {
        let signer = ClosureSigner(preparing: { _, _ throws(SignetError) in
            .init(.browser(BadgeKind(rawValue: "pass")), write: write)
        })
        #expect(
            try problems(of: signer) == ["does not sign the sample: test prepared a payload that is not one JSON value"]
        )
    }

    @Test func pastExpiryIsReported() throws {
        let signer = ClosureSigner(preparing: { identity, context throws(SignetError) in
            .init(
                .browser(BadgeKind(rawValue: "pass"), expiresAt: context.time),
                write: try ClosureSigner.prepared(identity, context).write)
        })
        #expect(try problems(of: signer).contains("expires before it is issued"))
    }

    // MARK: Verifying

    @Test func refusedOwnTokenIsReported() throws {
        let signer = ClosureSigner(checking: { _, _, report in report.note("mood", .fail, "not today") })
        #expect(try problems(of: signer) == ["refuses its own token: not today"])
    }

    @Test func signerWithoutChecksIsReported() throws {
        let signer = ClosureSigner(checking: { _, _, _ in })
        #expect(
            try problems(of: signer) == [
                "accepts every payload: it makes no check", "accepts its own token after it expired",
            ])
    }

    @Test func acceptedExpiredTokenIsReported() throws {
        let signer = ClosureSigner(checking: { payload, _, report in
            report.require(payload["sub"] != nil, "sub", "there is a sub", else: "there is no sub")
        })
        #expect(try problems(of: signer) == ["accepts its own token after it expired"])
    }

    @Test(arguments: SigningFault.allCases.filter { $0 != .nothingToSign })
    func refusingAnAnonymousVisitorWithAnotherCodeIsReported(kind: SigningFault) throws {
        let signer = ClosureSigner(preparing: { identity, context throws(SignetError) in
            if identity == .anonymous { throw SignetError(kind, "go away") }
            return try ClosureSigner.prepared(identity, context)
        })
        #expect(
            try problems(of: signer) == [
                "refuses an anonymous visitor with \(kind.rawValue), not with nothing-to-sign"
            ])
    }

    @Test func signingAnAnonymousVisitorIsAllowed() throws {
        let signer = ClosureSigner(preparing: { [sample] identity, context throws(SignetError) in
            try ClosureSigner.prepared(identity == .anonymous ? .customer(sample.customer) : identity, context)
        })
        #expect(try problems(of: signer) == [])
    }

    @Test(arguments: ["marker-customer", "marker-session"])
    func detailWithASecretIsReported(secret: String) throws {
        let signer = ClosureSigner(checking: { payload, context, report in
            report.checkExpiry(payload, at: context.time)
            report.note("chatty", report.isValid ? .ok : .fail, "this is \(secret)")
        })
        #expect(try problems(of: signer) == ["a check's detail holds the token, the subject or the session id"])
    }

    @Test func payloadThatChangesIsReported() throws {
        let calls = Counter()
        let signer = ClosureSigner(preparing: { identity, context throws(SignetError) in
            var context = context
            if calls.next() == 50 { context.time = context.time.advanced(by: 1) }
            return try ClosureSigner.prepared(identity, context)
        })
        #expect(try problems(of: signer) == ["prepares the same identity differently each time"])
    }
}

/// Counts calls from any thread.
private final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    func next() -> Int {
        count.add(1, ordering: .relaxed).newValue
    }
}
