import SignetKit
import Testing

/// The built-in vendors used from code, with keys in memory and no configuration.
@Suite struct KeysInMemoryTests {
    private let customer: Customer

    init() throws {
        customer = try Customer(subject: "customer-4711", email: "zoe@shop.example")
    }

    @Test func talkative() throws {
        let key = NamedKey(name: "signing", key: .es256(try ES256PrivateKey.generate()))
        let connection = try TalkativePlugin.connect(
            "chat", settings: TalkativeSettings(widgetID: "w", region: .eu), keys: ConnectionKeys(key))
        let signed = try connection.sign(.customer(customer), in: SigningContext())
        #expect(connection.badge(for: signed)?.kind == .signedInteractionData)
        #expect(connection.verify(signed.token.compact, in: VerificationContext()).isValid)
    }

    @Test func dg() throws {
        let key = NamedKey(name: "signing", key: .hs256(try HS256Key.generate(keyID: "dg_live_1")))
        let connection = try DGPlugin.connect("chat", settings: DGSettings(), keys: ConnectionKeys(key))
        let signed = try connection.sign(.customer(customer), in: SigningContext())
        #expect(connection.badge(for: signed)?.kind == .authToken)
        #expect(connection.verify(signed.token.compact, in: VerificationContext()).isValid)
    }

    @Test func pega() throws {
        let key = NamedKey(name: "signing", key: .hs256(try HS256Key.generate()))
        let settings = try PegaSettings(location: .region(.use1), widgetID: "w")
        let connection = try PegaPlugin.connect("chat", settings: settings, keys: ConnectionKeys(key))
        let signed = try connection.sign(.customer(customer), in: SigningContext(session: .create))
        #expect(connection.badge(for: signed) == nil)
        guard case .backend(let token) = signed.token else {
            Issue.record("a Pega token is for the backend")
            return
        }
        #expect(token.request.url == "https://widget.use1.chat.pega.digital/w/create")
        #expect(PegaPlugin.badge(session: try SessionID("s"), settings: settings).kind == .sessionID)
    }
}
