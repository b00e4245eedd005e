import SignetIdentity
import SignetJOSE
import SignetKit
import SignetRouting
import SignetTestSupport
import Testing

/// Every declared member is accepted and refused somewhere in the fixtures.
@Suite struct MemberCoverageTests {
    @Test(arguments: DeclaredMember.all)
    func everyMemberIsAcceptedSomewhere(member: DeclaredMember) throws {
        let text = try Fixtures.bytes("config/accepted/every-member.jsonc")
        let value = try JSONReader.read(text, options: .configuration).value
        // The grammar of mapped values allows it, but DG's settings refuse it: it would name no customer.
        let isOutOfPlace = member.steps.suffix(2) == ["externalId", "value"]
        #expect(member.occurs(in: value) != isOutOfPlace)
    }

    @Test(arguments: DeclaredMember.all)
    func everyMemberIsRefusedSomewhere(member: DeclaredMember) throws {
        let names = Fixtures.names(in: "config/refused", endings: [".json"])
        let paths = try names.flatMap { name in
            Reading.diagnostics(try Fixtures.bytes("config/refused/\(name)"), file: name)
                .filter { $0.message != "there is no member of this name" }.map(\.path)
        }
        #expect(paths.contains(where: member.matches))
    }
}

/// One declared member: the steps of its path, `*` for any name and any index.
struct DeclaredMember: CustomTestStringConvertible, Sendable {
    let steps: [String]
    let declaration: OptionDeclaration
    var testDescription: String { steps.joined(separator: ".") }

    static let all = members(
        of: ConfigurationDeclaration.root(for: [any VendorPlugin.Type].builtIn.map { $0.vendor }), at: [])

    private static func members(of type: OptionType, at path: [String]) -> [DeclaredMember] {
        switch type {
        case .string, .boolean, .integer, .percentage, .duration, .choice: []
        case .list(let element, _): members(of: element, at: path + ["*"])
        case .object(let declarations, _): members(of: declarations, at: path)
        case .map(_, let values): members(of: values, at: path + ["*"])
        case .stringOr(_, let other): members(of: other, at: path)
        case .listOr(let element, _, let other): members(of: element, at: path + ["*"]) + members(of: other, at: path)
        case .tagged(let tag, let variants):
            members(of: [tag], at: path) + variants.flatMap { members(of: $0.members, at: path) }
        }
    }

    private static func members(of declarations: [OptionDeclaration], at path: [String]) -> [DeclaredMember] {
        declarations.flatMap { declaration in
            let own = path + [declaration.name]
            return [DeclaredMember(steps: own, declaration: declaration)] + members(of: declaration.type, at: own)
        }
    }

    func occurs(in value: JSONValue) -> Bool {
        Self.occurs(steps[...], in: value)
    }

    private static func occurs(_ steps: ArraySlice<String>, in value: JSONValue) -> Bool {
        guard let step = steps.first else { return true }
        let children = value.array ?? value.members?.filter { step == "*" || $0.name == step }.map(\.value) ?? []
        return children.contains { occurs(steps.dropFirst(), in: $0) }
    }

    /// Whether a diagnostic's path, `callers[0].name`, is this member's.
    func matches(_ path: String) -> Bool {
        let found = path.replacing("[", with: ".").replacing("]", with: "").split(separator: ".").map(String.init)
        return found.count == steps.count && zip(found, steps).allSatisfy { $1 == "*" || $0 == $1 }
    }
}
