import SignetDG
import SignetIdentity
import SignetJOSE
import SignetSystem
import Testing

/// Identities that DG's signer refuses.
@Suite struct DGSigningTests {
    @Test func anonymousVisitorHasNothingToSign() throws {
        let signer = try TestVendor.dg.connection()
        let error = #expect(throws: SignetError.self) { try signer.sign(.anonymous, in: SigningContext()) }
        #expect(error?.isFault(SigningFault.nothingToSign) == true)
    }

    @Test(arguments: [("email", "/email"), ("attributes.id", "/attributes/id")])
    func missingValueIsNamed(source: String, pointer: String) throws {
        let signer = try TestVendor.dg.connection(#"{"externalId": "\#(source)"}"#)
        let error = #expect(throws: SignetError.self) {
            try signer.sign(.customer(Customer(subject: "marker")), in: SigningContext())
        }
        #expect(error?.isFault(SigningFault.incomplete) == true)
        #expect(error?.pointer == pointer)
        #expect(error?.reason == "DG externalId needs \(source)")
        #expect(!String(reflecting: error).contains("marker"))
    }

    @Test func tokenOver16KiBIsRefused() throws {
        let signer = try TestVendor.dg.connection(#"{"externalId": "attributes.id"}"#)
        func sign(_ length: Int) throws -> String {
            let customer = try Customer(subject: "c", attributes: ["id": String(repeating: "x", count: length)])
            return try signer.sign(.customer(customer), in: SigningContext(time: Moment.fixed)).token.compact
        }
        let longest = (16384 - (try sign(1).utf8.count)) / 4 * 3 + 1
        let sizes = try (longest - 3...longest).map { try sign($0).utf8.count }
        #expect(sizes.allSatisfy { $0 <= 16384 })
        let error = #expect(throws: SignetError.self) { try sign(longest + 3) }
        #expect(error?.isFault(SigningFault.tokenTooLarge) == true)
    }

    @Test func keyWithoutKeyIDIsRefused() throws {
        let key = SigningKey.hs256(try HS256Key(secret: Fixtures.secret("dg.secret")))
        let fault = #expect(throws: SignetError.self) { try TestVendor.dg.connection(key: key) }
        #expect(fault?.optionPath == ["key"])
        #expect(fault?.reason == #"DG needs a "kid", but key "dg-key" has none"#)
    }

    @Test func firstKeySignsAndAllKeysVerify() throws {
        let new = NamedKey(name: "new", key: .hs256(try HS256Key.generate(keyID: "dg_live_2")))
        let old = NamedKey(name: "old", key: try TestVendor.dg.key())
        let settings = try DGSettings()
        let rolling = try DGPlugin.connect("dg", settings: settings, keys: ConnectionKeys(new, old))
        let before = try TestVendor.dg.signed(by: TestVendor.dg.connection())
        #expect(rolling.verify(before.token.compact, in: VerificationContext(time: Moment.fixed)).isValid)
        let signed = try TestVendor.dg.signed(by: rolling)
        #expect(signed.key == "new")
        #expect(rolling.verify(signed.token.compact, in: VerificationContext(time: Moment.fixed)).isValid)
        #expect(try CompactJWS(parsing: signed.token.compact).header["kid"] == "dg_live_2")
        // If no key has signed, the report is about the key that passed the most checks.
        let cut = String(before.token.compact.dropLast(43)) + String(repeating: "A", count: 43)
        #expect(rolling.verify(cut, in: VerificationContext(time: Moment.fixed)).names(.fail) == ["signature"])
    }
}
