import SignetIdentity
import SignetJOSE
import Testing

/// Every vendor's form, byte for byte, against files from another implementation of JSON, base64url and HMAC.
@Suite struct GoldenTests {
    @Test func everyVendorHasFixtures() {
        for vendor in TestVendor.allCases { #expect(VendorFixture.all(of: vendor).count >= 8) }
    }

    @Test(arguments: VendorFixture.all)
    func headerAndPayloadEqualTheFixture(fixture: VendorFixture) throws {
        let segments = try fixture.sign().token.compact.split(separator: ".", omittingEmptySubsequences: false)
        try #require(segments.count == 3)
        let decoded = try segments[..<2].map { String(decoding: try Base64URL.decode(String($0)), as: UTF8.self) }
        #expect(decoded == [try fixture.text("header"), try fixture.text("payload")])
    }

    @Test(arguments: VendorFixture.all(of: .pega) + VendorFixture.all(of: .dg))
    func hs256TokensAreByteStable(fixture: VendorFixture) throws {
        #expect(try fixture.sign().token.compact == fixture.text("token"))
    }

    @Test(arguments: VendorFixture.all)
    func tokensOfAnotherImplementationAreAccepted(fixture: VendorFixture) throws {
        let context = VerificationContext(time: Moment.fixed, session: try fixture.session())
        let report = try fixture.connection().verify(fixture.text("token"), in: context)
        #expect(report.checks.filter { $0.result != .ok } == [])
        #expect(report.isValid)
        #expect(try report.header == JSONReader.value(fixture.text("header").utf8))
        #expect(try report.payload == JSONReader.value(fixture.text("payload").utf8))
    }

    @Test(arguments: VendorFixture.all)
    func signedTokenVerifies(fixture: VendorFixture) throws {
        let context = VerificationContext(time: Moment.fixed, session: try fixture.session())
        let report = try fixture.connection().verify(fixture.sign().token.compact, in: context)
        #expect(report.isValid)
    }

    @Test(arguments: VendorFixture.all)
    func signedIdentityHasNamesAndTimes(fixture: VendorFixture) throws {
        let signed = try fixture.sign()
        #expect(signed.vendor == fixture.vendor.rawValue)
        #expect(signed.connection == "\(fixture.vendor.rawValue)-test")
        #expect(signed.key == "\(fixture.vendor.rawValue)-key")
        #expect(signed.issuedAt == Moment.fixed)
        #expect(signed.expiresAt?.seconds == fixture["expiresAt"]?.integer)
    }

    @Test(arguments: VendorFixture.all)
    func badgeEqualsTheFixture(fixture: VendorFixture) throws {
        let signed = try fixture.sign()
        let badge = try fixture.connection().badge(for: signed)
        let expected = fixture["badge"]?.string?.replacing("TOKEN", with: signed.token.compact)
        #expect(badge.map { JSONWriter.text(of: $0.json) } == expected)
    }

    @Test(arguments: VendorFixture.all)
    func anonymousBadgeEqualsTheFixture(fixture: VendorFixture) throws {
        let badge = Badge.none(on: try fixture.connection().widget)
        #expect(try JSONWriter.text(of: badge.json) == fixture.text("anonymousBadge"))
        #expect(badge.value == nil)
    }
}
