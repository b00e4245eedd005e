import SignetIdentity
import SignetJOSE
import SignetTestSupport
import Testing

/// Text that may be logged contains no token, secret, session id or value of a customer.
@Suite struct SecrecyTests {
    private static let subject = "marker-subject"

    @Test(arguments: TestVendor.allCases)
    func descriptionsOfSignedIdentitiesContainNoToken(vendor: TestVendor) throws {
        let connection = try vendor.connection()
        let signed = try vendor.signed(by: connection, subject: Self.subject)
        var described = texts(of: signed) + texts(of: signed.token)
        if let badge = connection.badge(for: signed) { described += texts(of: badge) }
        switch signed.token {
        case .browser(let token): described += texts(of: token)
        case .backend(let token): described += texts(of: token) + texts(of: token.request)
        }
        for text in described {
            #expect(!text.contains(signed.token.compact))
            #expect(!text.contains(Self.subject))
            #expect(!text.contains(TestVendor.session))
        }
    }

    @Test(arguments: TestVendor.allCases)
    func descriptionsOfReportsContainNoPayload(vendor: TestVendor) throws {
        let connection = try vendor.connection()
        let token = try vendor.signed(by: connection, subject: Self.subject).token.compact
        let context = VerificationContext(time: Moment.fixed, session: try vendor.session())
        for tried in [token, String(token.dropLast())] {
            let report = connection.verify(tried, in: context)
            #expect(!report.checks.isEmpty)
            for text in texts(of: report) + report.checks.map(\.detail) {
                #expect(!text.contains(Self.subject))
                #expect(!text.contains(TestVendor.session))
                #expect(!text.contains(token))
            }
        }
    }

    @Test(arguments: [TestVendor.pega, .dg])
    func descriptionsOfConnectionsContainNoSecret(vendor: TestVendor) throws {
        let secret = String(decoding: try Fixtures.bytes("\(vendor.rawValue).secret"), as: UTF8.self)
        let connection = try vendor.connection()
        for text in texts(of: connection) + texts(of: connection) + texts(of: try vendor.key()) {
            #expect(!text.contains(secret))
        }
    }

    @Test(arguments: TestVendor.allCases)
    func detailsContainNothingOfTheToken(vendor: TestVendor) throws {
        let signer = CompactJWSSigner(key: try vendor.key(), type: "JWT")
        let connection = try vendor.connection()
        let marked = [
            #"{"iss":"marker","iat":"marker","exp":"marker","nbf":"marker","scope":"marker","external_id":""}"#,
            #"[{"label":"marker","data":"marker","type":"marker"}]"#, #"["marker"]"#, #""marker""#, "marker",
            #"[{"label":"marker","data":1,"type":"string","marker":2}]"#, #"{"marker":1,"marker":2}"#,
        ]
        for payload in marked {
            let token = try signer.sign(Array(payload.utf8))
            for session in [nil, .create, try TestVendor.pega.session()] {
                let report = connection.verify(
                    token, in: VerificationContext(time: Moment.fixed, session: session))
                #expect(!report.isValid)
                #expect(!report.checks.contains { $0.detail.isEmpty || $0.detail.contains("marker") })
            }
        }
    }
}
