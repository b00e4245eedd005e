import Foundation
import SignetGateway
import SignetJOSE
import SignetKit
import SignetTestSupport
import Testing

/// What docs/embedding.md shows of the gateway inside a server is what compiles and runs here.
@Suite struct MountedGatewayTests {
    private let scratch: ScratchDirectory
    private let gateway: Gateway
    private static let token = "signet_of-a-test"

    init() throws {
        scratch = try ScratchDirectory()
        try scratch.write(String(repeating: "11", count: 32), to: "digest")
        try scratch.write(String(repeating: "22", count: 32), to: "dg")
        let digest = Hexadecimal.encode(SHA256.digest(Array(Self.token.utf8)))
        let text = """
            {
              "callers": [{ "name": "backend", "tokenSha256": ["\(digest)"], "routes": ["*"] }],
              "digestKey": "digest",
              "keys": {
                "digest": { "file": "digest", "encoding": "hex" },
                "dg": { "file": "dg", "encoding": "hex", "kid": "dg_live_1" }
              },
              "connections": { "dg-eu": { "vendor": "dg", "key": "dg" } },
              "routes": { "eu-store": { "connection": "dg-eu" } }
            }
            """
        let configuration = try Configuration.read(
            Array(text.utf8), file: scratch.path("signet.json"), plugins: .builtIn)
        let audit = try AuditFile(path: scratch.path("audit.jsonl"), key: try HS256Key.generate())
        gateway = try makeGateway(configuration, audit: audit)
    }

    @Test func aServerAnswersWithABadgeThatIsRecorded() async throws {
        let headers = [
            (name: "Authorization", value: "Bearer \(Self.token)"), (name: "Content-Type", value: "application/json"),
        ]
        let body = Array(#"{"subject":"12345"}"#.utf8)
        let answer = await answer("POST", "/v1/routes/eu-store/badge", headers, body, by: gateway)
        #expect(answer.status == 200)
        #expect(try JSONReader.value(answer.body)["badge"]?["kind"]?.string == "authToken")
        #expect(answer.headers.contains { $0.name == "Cache-Control" && $0.value == "no-store" })
        #expect(try scratch.text("audit.jsonl").split(separator: "\n").count == 1)
    }

    @Test func theAnswerToHeadHasNoBody() async {
        let answer = await answer("HEAD", "/openapi.json", [], [], by: gateway)
        #expect(answer.status == 200)
        #expect(answer.body.isEmpty)
    }

    @Test(arguments: [
        ("docs/embedding.md", "docs/embedding.md: mounting", "Tests/SignetDeliveryTests/MountedGateway.swift"),
        ("docs/login.md", "swift; compiled as a test", "Tests/SignetDeliveryTests/SiteEndpoint.swift"),
    ])
    func thePagesShowWhatCompiles(page: String, name: String, file: String) throws {
        let text = try String(contentsOf: Fixtures.repository.appending(path: page), encoding: .utf8)
        let opening = try #require(text.range(of: "<!-- snippet: \(name) -->\n```swift\n"))
        let closing = try #require(text.range(of: "```\n<!-- end", range: opening.upperBound..<text.endIndex))
        let source = try String(contentsOf: Fixtures.repository.appending(path: file), encoding: .utf8)
        #expect(text[opening.upperBound..<closing.lowerBound] == source.drop { $0 != "\n" }.dropFirst())
    }
}
