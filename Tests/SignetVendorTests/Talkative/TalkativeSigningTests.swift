import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTalkative
import Testing

/// Identities that Talkative's signer refuses or signs.
@Suite struct TalkativeSigningTests {
    @Test func anonymousVisitorHasNothingToSign() throws {
        let signer = try TestVendor.talkative.connection()
        let error = #expect(throws: SignetError.self) { try signer.sign(.anonymous, in: SigningContext()) }
        #expect(error?.isFault(SigningFault.nothingToSign) == true)
    }

    @Test(arguments: [
        ("email", "/email"), ("name", "/name"), ("phone", "/phone"), ("attributes.a-b_c", "/attributes/a-b_c"),
    ])
    func missingValueIsNamed(source: String, pointer: String) throws {
        let options = #"{"fields": [{"label": "The \"field\"", "from": "\#(source)"}]}"#
        let signer = try TestVendor.talkative.connection(options)
        let error = #expect(throws: SignetError.self) {
            try signer.sign(.customer(Customer(subject: "marker")), in: SigningContext())
        }
        #expect(error?.isFault(SigningFault.incomplete) == true)
        #expect(error?.pointer == pointer)
        #expect(error?.reason == #"Talkative field "The \"field\"" needs \#(source)"#)
        #expect(error?.hint?.hasPrefix("send it, or make the field optional") == true)
        #expect(!String(reflecting: error).contains("marker"))
    }

    @Test func missingRouteHasNoPointer() throws {
        let signer = try TestVendor.talkative.connection(#"{"fields": [{"label": "Route", "from": "route"}]}"#)
        let error = #expect(throws: SignetError.self) {
            try signer.sign(.customer(Customer(subject: "c")), in: SigningContext(route: nil))
        }
        #expect(error?.isFault(SigningFault.incomplete) == true)
        #expect(error?.pointer == nil)
        #expect(error?.hint == #"make the field optional with "required": false"#)
    }

    @Test func emptyArrayIsNotSigned() throws {
        let options = #"{"fields": [{"label": "Email", "from": "email", "required": false}]}"#
        let signer = try TestVendor.talkative.connection(options)
        let error = #expect(throws: SignetError.self) {
            try signer.sign(.customer(Customer(subject: "marker")), in: SigningContext())
        }
        #expect(error?.isFault(SigningFault.incomplete) == true)
        #expect(!String(reflecting: error).contains("marker"))
    }

    /// The header and its dot have 21 characters, the dot and the signature 87; an entry without its data has 41 bytes.
    static let longestData = (16384 - 21 - 87) / 4 * 3 - 41

    @Test(arguments: [(longestData, true), (longestData + 1, false)])
    func tokenOver16KiBIsRefused(length: Int, fits: Bool) throws {
        let signer = try TestVendor.talkative.connection(#"{"fields": [{"label": "D", "from": "attributes.d"}]}"#)

        let customer = try Customer(subject: "c", attributes: ["d": String(repeating: "x", count: length)])
        guard !fits else {
            let token = try signer.sign(.customer(customer), in: SigningContext()).token.compact
            #expect(token.utf8.count == JWSError.maximumTokenLength)
            #expect(signer.verify(token, in: VerificationContext()).isValid)
            return
        }
        let error = #expect(throws: SignetError.self) { try signer.sign(.customer(customer), in: SigningContext()) }
        #expect(error?.isFault(SigningFault.tokenTooLarge) == true)
        #expect(error?.code == "token-too-large")
        #expect(!String(reflecting: error).contains("xxx"))
    }

    @Test func lineBreaksOfAttributesAreEscaped() throws {
        let signer = try TestVendor.talkative.connection(#"{"fields": [{"label": "A", "from": "attributes.a"}]}"#)

        let customer = try Customer(subject: "c", attributes: ["a": "1\n2\r\n\t3"])
        let token = try signer.sign(.customer(customer), in: SigningContext()).token.compact
        let payload = String(decoding: try CompactJWS(parsing: token).payload, as: UTF8.self)
        #expect(payload == #"[{"label":"A","data":"1\n2\r\n\t3","type":"string"}]"#)
    }
}
