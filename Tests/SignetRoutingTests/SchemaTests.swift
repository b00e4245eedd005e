import Foundation
import SignetJOSE
import SignetKit
import SignetRouting
import SignetTestSupport
import Testing

/// The JSON Schema and the reader accept the same configurations.
@Suite struct SchemaTests {
    private static let schema = ConfigurationSchema.json(plugins: .builtIn)

    /// A row of Fixtures/config/members.json: values at one place of every-member.jsonc. Only the reader refuses the values of
    /// `beyondSchema`: JSON Schema cannot express their rules.
    struct Row: Sendable, CustomTestStringConvertible {
        let path: [String]
        let value: JSONValue
        let isAccepted: Bool
        let isBeyondSchema: Bool
        var testDescription: String { "\(path.joined(separator: ".")) = \(JSONWriter.text(of: value))" }
    }

    private static func base() throws -> JSONValue {
        try JSONReader.read(try Fixtures.bytes("config/accepted/every-member.jsonc"), options: .configuration).value
    }

    static let rows: [Row] = {
        let table = (try? Fixtures.bytes("config/members.json")).flatMap { try? JSONReader.value($0) }
        return (table?.array ?? []).flatMap { entry in
            let path = entry["at"]?.array?.compactMap(\.string) ?? []
            return ["accepted", "refused", "beyondSchema"].flatMap { kind in
                (entry[kind]?.array ?? []).map {
                    Row(path: path, value: $0, isAccepted: kind == "accepted", isBeyondSchema: kind == "beyondSchema")
                }
            }
        }
    }()

    @Test func thereAreRows() {
        #expect(Self.rows.count > 200)
    }

    @Test(arguments: rows)
    func readerAndSchemaAgree(row: Row) throws {
        let value = try Self.base().replacing(row.path, with: row.value)
        #expect(value.value(at: row.path) == row.value)
        let found = Reading.diagnostics(JSONWriter.bytes(of: value), file: "signet.json").filter {
            // A missing pin file is not a fault of the text.
            $0.severity == .error && !$0.isExternal
        }
        #expect(found.isEmpty == row.isAccepted, "\(Reading.lines(found))")
        #expect(try SchemaCheck.accepts(value, Self.schema) == (row.isAccepted || row.isBeyondSchema))
    }

    @Test(arguments: Fixtures.names(in: "config/accepted", endings: [".json", ".jsonc"]))
    func acceptedConfigurationFitsTheSchema(name: String) throws {
        let value = try JSONReader.read(try Fixtures.bytes("config/accepted/\(name)"), options: .configuration).value
        #expect(try SchemaCheck.accepts(value, Self.schema))
    }

    /// These break rules between members, which a schema cannot check.
    private static let beyondSchema = [
        "admin-", "callers-alike", "circle", "delivery-", "digest-key", "duplicate-", "file-and", "key-under", "keys-",
        "kid-",
        "listen-off", "listen-any", "listen-host", "listen-port", "routes-to", "vendor-",
    ]

    @Test(
        arguments: Fixtures.names(in: "config/refused", endings: [".json"]).filter { name in
            !name.hasPrefix("syntax") && !beyondSchema.contains(where: name.hasPrefix)
        })
    func malformedConfigurationFailsTheSchema(name: String) throws {
        let value = try JSONReader.read(try Fixtures.bytes("config/refused/\(name)"), options: .configuration).value
        #expect(try !SchemaCheck.accepts(value, Self.schema))
    }

    @Test func publishedSchemaIsCurrent() throws {
        let published = try Data(contentsOf: Fixtures.repository.appending(path: "docs/signet.schema.json"))
        #expect(try JSONReader.value(Array(published)) == Self.schema)
    }

    @Test(arguments: DeclaredMember.all)
    func everyExampleAndDefaultFitsTheSchema(member: DeclaredMember) throws {
        var values = [member.declaration.example].compactMap { $0 }
        if case .defaults(let value) = member.declaration.presence { values.append(value) }
        let places = Self.places(of: member.steps[...], in: try Self.base(), at: [])
        // Two vendors may have members of one name. The example has to fit at its own vendor.
        for value in values {
            let isAccepted = try places.contains { place in
                try SchemaCheck.accepts(try Self.base().replacing(place, with: value), Self.schema)
            }
            #expect(isAccepted, "\(JSONWriter.text(of: value))")
        }
    }

    private static func places(of steps: ArraySlice<String>, in value: JSONValue, at path: [String]) -> [[String]] {
        guard let step = steps.first else { return [path] }
        let children =
            value.array?.enumerated().map { ("\($0)", $1) }
            ?? value.members?.filter { step == "*" || $0.name == step }.map { ($0.name, $0.value) } ?? []
        return children.flatMap { places(of: steps.dropFirst(), in: $1, at: path + [$0]) }
    }
}
