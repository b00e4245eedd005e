import SignetIdentity
import SignetSystem
import SignetTestSupport
import Testing

/// Session ids are part of URLs and JWTs, and give access to the chat.
@Suite struct SessionIDTests {
    @Test(arguments: ["a", "0", "-._~", "0d5c9f0e-6a0b-4b5e-9d57-5f0b3a1c7e21", String(repeating: "x", count: 256)])
    func urlSafeIDsAreAccepted(text: String) throws {
        #expect(try SessionID(text).text == text)
    }

    @Test(arguments: [
        "", String(repeating: "x", count: 257), "a b", "a/b", "a%62", "a+b", "a=b", "a?b", "a#b", "a\"b", "a\\b", "a:b",
        "a@b", "a\n", "a\r\n", "a\u{0}", "é", "e\u{301}", "\u{FF41}", "🦊",
    ])
    func othersAreRefused(text: String) {
        let error = #expect(throws: SignetError.self) { try SessionID(text) }
        #expect(error?.memberFault == IdentityFault.sessionID.rawValue)
        #expect(error?.pointer == "/sessionId")
        #expect(error?.code == "identity-malformed")
    }

    @Test func refusalDoesNotRepeatTheID() throws {
        let error = try #require(throws: SignetError.self) { try SessionID("marker marker") }
        #expect(error.memberFault == IdentityFault.sessionID.rawValue)
        #expect(!texts(of: error).contains { $0.contains("marker") })
    }

    @Test func printedSessionIDContainsNoID() throws {
        let session = try SessionID("marker")
        let described = texts(of: session) + texts(of: SessionPurpose.existing(session)) + texts(of: Optional(session))
        let contexts = texts(of: SigningContext(session: .existing(session)))
        for text in described + contexts { #expect(!text.contains("marker")) }
    }
}
