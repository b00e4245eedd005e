import SignetIdentity
import SignetJOSE
import Testing

/// A payload written by hand and signed by the right key, so that only the payload can have a fault.
struct HandWrittenToken: Sendable, CustomTestStringConvertible {
    let title: String
    let payload: String
    /// Exactly the checks that have to fail.
    let failing: [String]
    /// The checks that have to warn.
    let warning: [String]

    init(_ title: String, _ payload: String, failing: [String] = [], warning: [String] = []) {
        self.title = title
        self.payload = payload
        self.failing = failing
        self.warning = warning
    }

    var testDescription: String { title }

    /// Signs the payload and compares the connection's report with the expected one.
    func expect(
        of vendor: TestVendor, session: SessionPurpose? = nil, includesKeyID: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let signer = CompactJWSSigner(
            key: try vendor.key(), type: vendor == .talkative ? nil : "JWT", includesKeyID: includesKeyID)
        let token = try signer.sign(Array(payload.utf8))
        let report = try vendor.connection().verify(
            token, in: VerificationContext(time: Moment.fixed, session: session))
        #expect(report.names(.fail) == failing, sourceLocation: sourceLocation)
        #expect(report.names(.warn) == warning, sourceLocation: sourceLocation)
        #expect(report.isValid == failing.isEmpty, sourceLocation: sourceLocation)
        #expect(!report.checks.isEmpty, sourceLocation: sourceLocation)
        for secret in [token, TestVendor.session, "customer-4711"] {
            #expect(!report.checks.contains { $0.detail.contains(secret) }, sourceLocation: sourceLocation)
            #expect(!String(reflecting: report).contains(secret), sourceLocation: sourceLocation)
        }
    }
}

extension VerificationReport {
    /// The names of the checks with one result.
    func names(_ result: Check.Result) -> [String] {
        checks.filter { $0.result == result }.map(\.name)
    }
}
