import Foundation
import SignetIdentity
import SignetTestSupport
import Testing

/// docs/configuration.md has for every member whether it is required, or its default.
@Suite struct ReferenceDocumentTests {
    @Test(arguments: DeclaredMember.all)
    func everyMemberIsInTheReference(member: DeclaredMember) throws {
        let url = Fixtures.repository.appending(path: "docs/configuration.md")
        let text = try String(contentsOf: url, encoding: .utf8)
        let name = member.declaration.name
        let rows = text.split(separator: "\n").filter { $0.contains("`\(name)`") }
        #expect(!rows.isEmpty, "docs/configuration.md does not mention `\(name)`")
        let words: [String] =
            switch member.declaration.presence {
            case .required: ["required"]
            case .defaults: ["default"]
            case .optional: ["optional", "left out", "default", "one of"]
            }
        let says = rows.contains { row in words.contains { row.lowercased().contains($0) } }
        #expect(says, "docs/configuration.md does not say \(words.joined(separator: " or ")) of `\(name)`")
    }
}
