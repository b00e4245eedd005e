import SignetIdentity
import SignetPega
import SignetSystem
import Testing

/// Identities that Pega's signer refuses.
@Suite struct PegaSigningErrorTests {
    private static let mapped = #"""
        {"region": "uk", "widgetId": "w", "create": {"customerId": "attributes.number"},
         "privateData": {"a": "subject", "mail": "email", "tel": "phone", "who": "name"}}
        """#

    @Test func signingWithoutSessionIsRefused() throws {
        let signer = try TestVendor.pega.connection()
        let error = #expect(throws: SignetError.self) {
            try signer.sign(.customer(Customer(subject: "c")), in: SigningContext(session: nil))
        }
        #expect(error?.isFault(SigningFault.sessionRequired) == true)
        #expect(error?.code == "session-required")
        #expect(error?.hint != nil)
    }

    @Test func anonymousVisitorWithoutSessionNeedsASession() throws {
        let signer = try TestVendor.pega.connection()
        let error = #expect(throws: SignetError.self) { try signer.sign(.anonymous, in: SigningContext()) }
        #expect(error?.isFault(SigningFault.sessionRequired) == true)
    }

    @Test func reportingConnectionCreatesNoSession() throws {
        let signer = try TestVendor.pega.connection(
            #"{"region": "uk", "widgetId": "w", "sessions": "report"}"#
        )
        for identity in [Identity.anonymous, .customer(try Customer(subject: "c"))] {
            let error = #expect(throws: SignetError.self) {
                try signer.sign(identity, in: SigningContext(session: .create))
            }
            #expect(error?.isFault(SigningFault.sessionRequired) == true)
            #expect(error?.reason.contains("\"report\"") == true)
        }
    }

    @Test(arguments: [#""sessions": "report""#, #""sessions": "create""#], ["w-1", "W-1", "w1", "W1"])
    func widgetIDIsRefusedAsSession(sessions: String, session: String) throws {
        // A JWT for this id could create sessions, and a page can report any id.
        let signer = try TestVendor.pega.connection(#"{"region": "uk", "widgetId": "w-1", \#(sessions)}"#)
        let error = #expect(throws: SignetError.self) {
            try signer.sign(
                .customer(Customer(subject: "c")), in: SigningContext(session: .existing(SessionID(session))))
        }
        #expect(error?.isFault(SigningFault.sessionRequired) == true)
    }

    @Test func anonymousVisitorHasNoPrivateData() throws {
        let signer = try TestVendor.pega.connection()
        let session = try TestVendor.pega.session()
        let error = #expect(throws: SignetError.self) {
            try signer.sign(.anonymous, in: SigningContext(session: session))
        }
        #expect(error?.isFault(SigningFault.nothingToSign) == true)
        #expect(error?.code == "nothing-to-sign")
    }

    struct Lack: Sendable {
        let customer: Customer
        let session: SessionPurpose
        let pointer: String
        let place: String
    }

    static func lacks() throws -> [Lack] {
        let session = SessionPurpose.existing(try SessionID("s"))
        return [
            Lack(
                customer: try Customer(subject: "marker"), session: .create, pointer: "/attributes/number",
                place: #"Pega create "customerId" needs attributes.number"#),
            Lack(
                customer: try Customer(subject: "marker"), session: session, pointer: "/email",
                place: #"Pega private data "mail" needs email"#),
            Lack(
                customer: try Customer(subject: "marker", email: "marker"), session: session, pointer: "/phone",
                place: #"Pega private data "tel" needs phone"#),
            Lack(
                customer: try Customer(subject: "marker", email: "marker", phone: "marker"), session: session,
                pointer: "/name", place: #"Pega private data "who" needs name"#),
        ]
    }

    @Test(arguments: try lacks())
    func missingValueIsNamed(lack: Lack) throws {
        let signer = try TestVendor.pega.connection(Self.mapped)
        let error = #expect(throws: SignetError.self) {
            try signer.sign(.customer(lack.customer), in: SigningContext(session: lack.session))
        }
        #expect(error?.isFault(SigningFault.incomplete) == true)
        #expect(error?.code == "identity-incomplete")
        #expect(error?.pointer == lack.pointer)
        #expect(error?.reason == lack.place)
        #expect(!String(reflecting: error).contains("marker"))
    }

    @Test func probeSucceeds() throws {
        try TestVendor.pega.connection(Self.mapped).probe(at: Moment.fixed)
    }
}
