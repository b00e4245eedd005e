import SignetIdentity
import SignetJOSE
import SignetTestSupport
import Testing

/// Badges.
@Suite struct BadgeTests {
    private static let widget = Widget([JSONMember("widgetId", "w"), JSONMember("region", .null)])

    @Test func tokenBadgeHasValueWidgetAndTokenMembers() {
        let token = BrowserToken(
            kind: BadgeKind(rawValue: "ownKind"), compact: "a.b.c", members: [JSONMember("refreshInSeconds", 720)])
        let badge = Badge(token, on: Self.widget)
        #expect(
            JSONWriter.text(of: badge.json)
                == #"{"kind":"ownKind","value":"a.b.c","widgetId":"w","refreshInSeconds":720}"#)
        #expect(badge.value == "a.b.c")
    }

    @Test func sessionBadgeHasTheIDOrNull() throws {
        let kind = BadgeKind(rawValue: "sessionId")
        let made = Badge(session: try SessionID("s"), kind: kind, on: Self.widget)
        #expect(JSONWriter.text(of: made.json) == #"{"kind":"sessionId","value":"s","widgetId":"w"}"#)
        let pending = Badge(session: nil, kind: kind, on: Self.widget)
        #expect(JSONWriter.text(of: pending.json) == #"{"kind":"sessionId","value":null,"widgetId":"w"}"#)
    }

    @Test func anonymousBadgeHasNoValue() {
        let badge = Badge.none(on: Self.widget)
        #expect(JSONWriter.text(of: badge.json) == #"{"kind":"none","widgetId":"w"}"#)
    }

    @Test func printedBadgeContainsNoValue() throws {
        let token = BrowserToken(
            kind: .none, compact: "marker", members: [JSONMember("m", "marker")])
        let request = VendorRequest(
            method: "POST", url: "https://a.example/b", headers: [("Authorization", "marker")], body: "marker")
        let backend = BackendToken(compact: "marker", request: request)
        let signed = [SignedToken.browser(token), .backend(backend)].map {
            SignedIdentity(
                vendor: "v", connection: "c", key: "k", token: $0, issuedAt: .now, expiresAt: nil)
        }
        let session = Badge(session: try SessionID("marker"), kind: .none, on: Self.widget)
        let described =
            texts(of: token) + texts(of: Badge(token, on: Self.widget)) + texts(of: session) + texts(of: backend)
            + texts(of: request) + signed.flatMap(texts) + signed.flatMap { texts(of: $0.token) }
        for text in described { #expect(!text.contains("marker")) }
        #expect("\(request)" == "POST https://a.example/b")
    }
}
