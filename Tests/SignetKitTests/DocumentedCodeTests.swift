import Foundation
import SignetKit
import Testing

/// The code on the documentation pages is the code that compiles and runs here.
@Suite struct DocumentedCodeTests {
    private static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.repository.appending(path: path), encoding: .utf8)
    }

    /// The text between two texts, which both have to exist.
    private func part(of text: String, from start: String, to end: String) throws -> String {
        let opening = try #require(text.range(of: start))
        let closing = try #require(text.range(of: end, range: opening.upperBound..<text.endIndex))
        return String(text[opening.upperBound..<closing.lowerBound])
    }

    @Test func embeddingSnippetSignsAndMakesABadge() throws {
        // snippet
        let key = try ES256PrivateKey.generate()  // or ES256PrivateKey(contents: SecretBytes(copying: pem))
        let settings = try TalkativeSettings(fields: [
            .init("Customer ID", .from(.subject)), .init("Email", .from(.email, required: false)),
        ])
        let talkative = try TalkativePlugin.connect(
            "talkative-uk", settings: settings,
            keys: ConnectionKeys(NamedKey(name: "talkative-uk-2026", key: .es256(key))))
        let routes = try RouteTable([Route("uk-store", .connection("talkative-uk"))])
        let router = try Router(connections: [talkative], routes: routes)

        let connection = try router.route("uk-store").connection
        let customer = try Customer(subject: "12345", email: "ada@example.com")
        let signed = try connection.sign(.customer(customer), in: SigningContext(route: "uk-store"))
        let badge = connection.badge(for: signed)  // nil for a token that has to stay on the backend
        // end of snippet
        #expect(badge?.kind == .signedInteractionData)
        #expect(connection.verify(signed.token.compact, in: VerificationContext()).isValid)
    }

    @Test func embeddingPageShowsTheTestedSnippet() throws {
        let shown = try part(
            of: text("docs/embedding.md"), from: "embedding; compiled as a test -->\n```swift\n",
            to: "```\n<!-- end of snippet -->")
        let ran = try part(
            of: text("Tests/SignetKitTests/DocumentedCodeTests.swift"), from: "// snippet\n",
            to: "        // end of snippet")
        let lines = ran.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("        ") ? line.dropFirst(8) : line
        }
        #expect(shown == "import SignetKit\n\n" + lines.joined(separator: "\n"))
    }

    @Test func pluginPageShowsTheTestedPlugin() throws {
        let shown = try part(of: text("docs/writing-a-plugin.md"), from: "\"harborPass\".\n\n```swift\n", to: "```\n")
        let source = try text("Tests/SignetKitTests/HarborPlugin.swift")
        #expect(shown == source.drop { $0 != "\n" }.dropFirst())
        #expect(VendorPluginConformance.problems(of: HarborPlugin.self) == [])
        let connection = try HarborPlugin.connect(
            "harbor-test", settings: HarborSettings(siteID: "site-1"),
            keys: ConnectionKeys(NamedKey(name: "harbor", key: .hs256(try HS256Key.generate()))))
        let sample = IdentitySignerConformance.Sample(customer: try Customer(subject: "conformance-subject"))
        #expect(IdentitySignerConformance.problems(of: connection, sampling: sample) == [])
    }
}
