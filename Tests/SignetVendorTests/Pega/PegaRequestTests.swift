import SignetIdentity
import SignetJOSE
import SignetPega
import Testing

/// The two calls of a backend to Pega.
@Suite struct PegaRequestTests {
    @Test(arguments: VendorFixture.all(of: .pega))
    func requestEqualsTheFixture(fixture: VendorFixture) throws {
        guard case .backend(let token) = try fixture.sign().token else {
            Issue.record("a Pega token is for the backend")
            return
        }
        let expected = try #require(fixture["request"])
        #expect(token.request.method == expected["method"]?.string)
        #expect(token.request.url == expected["url"]?.string)
        #expect(token.request.body == expected["body"]?.string)
        let headers = token.request.headers.map { JSONValue.array([.string($0.name), .string($0.value)]) }
        #expect(JSONValue.array(headers) == expected["headers"])
    }

    @Test(arguments: VendorFixture.all(of: .pega))
    func backendTokenHasNoBadge(fixture: VendorFixture) throws {
        let connection = try fixture.connection()
        #expect(try connection.badge(for: fixture.sign()) == nil)
    }

    @Test(arguments: VendorFixture.all(of: .pega))
    func badgeOfASessionEqualsTheFixture(fixture: VendorFixture) throws {
        let settings = try PegaPlugin.settings(json: JSONWriter.bytes(of: #require(fixture["options"])))
        let made = PegaPlugin.badge(session: try SessionID(TestVendor.session), settings: settings)
        #expect(try JSONWriter.text(of: made.json) == fixture.text("sessionBadge"))
        let pending = PegaPlugin.badge(session: nil, settings: settings)
        #expect(try JSONWriter.text(of: pending.json) == fixture.text("pendingBadge"))
    }

    @Test func tokenIsOnlyInTheAuthorizationField() throws {
        let connection = try TestVendor.pega.connection()
        guard case .backend(let token) = try TestVendor.pega.signed(by: connection).token else {
            Issue.record("a Pega token is for the backend")
            return
        }
        #expect(!token.request.url.isEmpty && !token.request.body.isEmpty)
        #expect(!token.request.url.contains(token.compact))
        #expect(!token.request.url.contains(TestVendor.session))
        #expect(!token.request.body.contains(token.compact))
        #expect(!token.request.body.contains(TestVendor.session))
        for text in [String(reflecting: token), "\(token)", "\(token.request)", String(reflecting: token.request)] {
            #expect(!text.isEmpty)
            #expect(!text.contains(token.compact))
            #expect(!text.contains("customer-4711"))
        }
        var dumped = ""
        dump(token, to: &dumped)
        dump(token.request, to: &dumped)
        #expect(!dumped.isEmpty)
        #expect(!dumped.contains(token.compact))
        #expect(!dumped.contains("customer-4711"))
    }

    @Test func headerNeverHasAKeyID() throws {
        let keys = ConnectionKeys(NamedKey(name: "key", key: try TestVendor.dg.key()))
        let settings = try PegaSettings(location: .region(.uk), widgetID: "w")
        let connection = PegaPlugin.connection(named: "unchecked", settings: settings, keys: keys)
        let signed = try TestVendor.pega.signed(by: connection)
        #expect(try CompactJWS(parsing: signed.token.compact).header == ["alg": "HS256", "typ": "JWT"])
    }

    @Test func tokenDoesNotContainTheSubject() throws {
        let connection = try TestVendor.pega.connection()
        let signed = try TestVendor.pega.signed(by: connection)
        let payload = try CompactJWS(parsing: signed.token.compact).payload
        let text = String(decoding: payload, as: UTF8.self)
        #expect(text.hasPrefix("{\""))
        #expect(!text.contains("customer-4711"))
    }
}
