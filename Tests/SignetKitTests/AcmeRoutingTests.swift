import Foundation
import SignetKit
import Testing

/// A vendor from outside is configured and routed to like the built-in ones.
@Suite struct AcmeRoutingTests {
    private static let plugins: [any VendorPlugin.Type] = .builtIn + [AcmePlugin.self]

    /// A configuration whose key lies in a folder of its own.
    private func configuration(_ connection: String) throws -> Configuration {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let secret = folder.appending(path: "acme.secret").path
        let made = FileManager.default.createFile(
            atPath: secret, contents: Data("a secret of Acme's, long enough for HS256\n".utf8),
            attributes: [.posixPermissions: 0o600])
        #expect(made)
        let text = """
            {
              "keys": { "acme": { "file": "acme.secret", "encoding": "utf8" } },
              "connections": { "acme-hq": \(connection) },
              "routes": {
                "door": { "cases": [ { "when": { "floor": ["1", "2"] }, "connection": "acme-hq" } ],
                          "otherwise": { "connection": "acme-hq" } }
              }
            }
            """
        return try Configuration.read(
            Array(text.utf8), file: folder.appending(path: "signet.json").path, plugins: Self.plugins)
    }

    @Test func routeLeadsToIt() throws {
        let router = try configuration(#"{ "vendor": "acme", "key": "acme", "building": "hq-1" }"#).load()
        let (connection, choice) = try router.route("door", context: ["floor": "2"])
        #expect(choice.reason.code == "case")
        let signed = try connection.sign(
            .customer(Customer(subject: "visitor-7")), in: SigningContext(route: "door"))
        #expect(signed.vendor == "acme")
        #expect(connection.verify(signed.token.compact, in: VerificationContext()).isValid)
        let badge = try #require(connection.badge(for: signed))
        #expect(!["signedInteractionData", "authToken", "sessionId", "none"].contains(badge.kind.rawValue))
    }

    @Test func misspeltOptionIsPlacedAndHinted() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try configuration(#"{ "vendor": "acme", "key": "acme", "bilding": "hq-1", "building": "hq-1" }"#)
        }
        let diagnostic = try #require(error?.diagnostics.first)
        #expect(error?.diagnostics.count == 1)
        #expect(diagnostic.position?.line == 3)
        #expect(diagnostic.path == "connections.acme-hq.bilding")
        #expect(diagnostic.hint == #"did you mean "building"?"#)
    }

    @Test func itIsUnknownWithoutItsPlugin() throws {
        let text = #"{"keys": {}, "connections": {"acme-hq": {"vendor": "acme", "key": "acme"}}}"#
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.read(Array(text.utf8), file: "signet.json", plugins: .builtIn)
        }
        #expect(error?.diagnostics.first?.path == "connections.acme-hq.vendor")
    }

    @Test func itsOptionsAreInTheSchema() {
        let schema = JSONWriter.text(of: ConfigurationSchema.json(plugins: Self.plugins))
        #expect(schema.contains(#"{"enum":["acme"]}"#) || schema.contains(#""enum":["acme"]"#))
        #expect(schema.contains(#""building""#))
        #expect(!JSONWriter.text(of: ConfigurationSchema.json(plugins: .builtIn)).contains(#""building""#))
    }
}
