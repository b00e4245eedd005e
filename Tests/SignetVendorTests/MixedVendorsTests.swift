import SignetDG
import SignetIdentity
import SignetJOSE
import SignetPega
import SignetSystem
import SignetTalkative
import Testing

/// No vendor accepts a token of another vendor.
@Suite struct MixedVendorsTests {
    static let pairs = TestVendor.allCases.flatMap { left in
        TestVendor.allCases.filter { $0 != left }.map { (left, $0) }
    }

    private static let purposes: [SessionPurpose?] = [nil, .create] + [try? TestVendor.pega.session()]

    @Test(arguments: pairs)
    func otherVendorsRefuseATokenOfASeparateKey(signing: TestVendor, verifying: TestVendor) throws {
        let token = try signing.signed(by: signing.connection()).token.compact
        let verifier = try verifying.connection()
        for session in Self.purposes {
            #expect(!verifier.verify(token, in: VerificationContext(time: Moment.fixed, session: session)).isValid)
        }
    }

    @Test func dgRefusesAPegaTokenOfTheSameSecret() throws {
        let secret = try Fixtures.secret("dg.secret")
        let pega = try TestVendor.pega.connection(key: .hs256(HS256Key(secret: secret)))
        let dg = try TestVendor.dg.connection()
        for session in [SessionPurpose.create, try #require(try TestVendor.pega.session())] {
            let token = try pega.sign(
                .customer(Customer(subject: "c")), in: SigningContext(time: Moment.fixed, session: session)
            ).token.compact
            let report = dg.verify(token, in: VerificationContext(time: Moment.fixed, session: session))
            // The signature is valid, so only the claims refuse the token.
            #expect(report.names(.fail) == ["kid", "scope", "external_id"])
        }
    }

    @Test func pegaRefusesADGTokenOfTheSameSecret() throws {
        let secret = try Fixtures.secret("dg.secret")
        let pega = try TestVendor.pega.connection(key: .hs256(HS256Key(secret: secret)))
        let token = try TestVendor.dg.signed(by: TestVendor.dg.connection(), subject: TestVendor.session).token.compact
        for session in Self.purposes {
            let report = pega.verify(token, in: VerificationContext(time: Moment.fixed, session: session))
            #expect(report.names(.fail) == ["kid", "iss"])
        }
    }

    @Test func pegaTokensForCreatingAndForASessionAreNotInterchangeable() throws {
        let pega = try TestVendor.pega.connection()
        let purposes = [SessionPurpose.create, try #require(try TestVendor.pega.session())]
        for (signed, verified) in [(purposes[0], purposes[1]), (purposes[1], purposes[0])] {
            let token = try pega.sign(
                .customer(Customer(subject: "c")), in: SigningContext(time: Moment.fixed, session: signed)
            ).token.compact
            let report = pega.verify(token, in: VerificationContext(time: Moment.fixed, session: verified))
            #expect(report.names(.fail) == ["iss"])
        }
    }

    @Test(arguments: [TestVendor.pega, .dg])
    func hmacVendorsRefuseATalkativeToken(vendor: TestVendor) throws {
        let token = try TestVendor.talkative.signed(by: TestVendor.talkative.connection()).token.compact
        let report = try vendor.connection().verify(
            token, in: VerificationContext(time: Moment.fixed, session: vendor.session()))
        #expect(report.names(.fail) == ["algorithm"])
    }

    @Test(arguments: [TestVendor.pega, .dg])
    func talkativeRefusesAnHMACToken(vendor: TestVendor) throws {
        let token = try vendor.signed(by: vendor.connection()).token.compact
        let report = try TestVendor.talkative.connection().verify(
            token, in: VerificationContext(time: Moment.fixed))
        #expect(report.names(.fail) == ["algorithm"])
    }

    @Test func talkativesPublicKeyIsRefusedAsSecret() throws {
        let material = try Fixtures.secret("talkative.public.pem")
        let error = #expect(throws: SignetError.self) { try HS256Key(secret: material) }
        #expect(error?.isFault(KeyFault.asymmetricAsSecret) == true)
    }

    @Test(arguments: pairs.filter { ($0.0 == .talkative) != ($0.1 == .talkative) })
    func keyOfAnotherAlgorithmIsRefused(keyOf: TestVendor, vendor: TestVendor) throws {
        let fault = try #require(throws: SignetError.self) { try vendor.connection(key: keyOf.key()) }
        #expect(fault.optionPath == ["key"])
        #expect(fault.reason.contains("(\(vendor.plugin.vendor.algorithm.rawValue)), but key"))
        #expect(fault.hint == vendor.plugin.vendor.keyOrigin)
    }

    @Test func pegaRefusesAKeyWithKeyID() throws {
        let fault = #expect(throws: SignetError.self) { try TestVendor.pega.connection(key: TestVendor.dg.key()) }
        #expect(fault?.reason == #"Pega has no "kid", but key "pega-key" has one"#)
    }

    @Test(arguments: TestVendor.allCases)
    func everyKeyOfAConnectionIsChecked(vendor: TestVendor) throws {
        let other = TestVendor.allCases.first { $0.plugin.vendor.algorithm != vendor.plugin.vendor.algorithm }
        let misfit = NamedKey(name: "misfit", key: try #require(try other?.key()))
        let keys = ConnectionKeys(NamedKey(name: "own", key: try vendor.key()), misfit)
        let fault = #expect(throws: SignetError.self) {
            try TestVendor.connect(vendor.plugin, vendor.options, "name", keys)
        }
        #expect(fault?.reason.contains("\"misfit\"") == true)
    }

    @Test(arguments: ["", "Upper", "a b", "-a", "a/b"])
    func invalidConnectionNameIsRefused(name: String) throws {
        let keys = ConnectionKeys(NamedKey(name: "own", key: try TestVendor.dg.key()))
        let fault = #expect(throws: SignetError.self) { try TestVendor.connect(DGPlugin.self, "{}", name, keys) }
        #expect(fault?.optionPath == [])
        #expect(fault?.reason.contains("name") == true)
    }
}
