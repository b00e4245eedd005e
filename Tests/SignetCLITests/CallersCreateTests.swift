import Foundation
import SignetJOSE
import SignetKit
import SignetTestSupport
import Testing

@Suite struct CallersCreateTests {
    private static func create(_ arguments: String...) throws -> (Signet.Outcome, ScratchDirectory) {
        let directory = try ScratchDirectory()
        return (try Signet.run(["callers", "create"] + arguments, in: directory), directory)
    }

    private static func digest(_ token: String) -> String {
        Hexadecimal.encode(SHA256.digest(Array(token.utf8)))
    }

    @Test func tokenGoesToStdoutAndEntryToStderr() throws {
        let (outcome, directory) = try Self.create("storefront", "--routes", "uk-*", "--routes", "us-store")
        #expect(outcome.status == 0 && outcome.lines.count == 1)
        let token = try #require(outcome.lines.first)
        #expect(token.hasPrefix("signet_") && token.utf8.count == 7 + 43)
        #expect(try Base64URL.decode(Array(token.utf8.dropFirst(7))).count == 32)
        #expect(!outcome.errors.contains(token) && !outcome.errors.contains(token.dropFirst(7)))
        let entry = try JSONReader.value(outcome.notes.dropFirst().joined(separator: "\n").utf8)
        #expect(
            entry == [
                "name": "storefront", "tokenSha256": [.string(Self.digest(token))], "routes": ["uk-*", "us-store"],
                "allow": ["badge"],
            ])
        #expect(directory.contents == [])
    }

    @Test func jsonHoldsTokenAndEntry() throws {
        let (outcome, _) = try Self.create(
            "desk", "--allow", "sign", "--allow", "badge", "--allow", "sign", "--output", "json")
        #expect(outcome.status == 0 && outcome.errors == "" && outcome.lines.count == 1)
        let json = try JSONReader.value(outcome.output.utf8)
        let token = try #require(json["token"]?.string)
        #expect(json.members?.map(\.name) == ["token", "entry"])
        #expect(json["entry"]?["tokenSha256"] == [.string(Self.digest(token))])
        #expect(json["entry"]?["allow"] == ["sign", "badge"] && json["entry"]?["routes"] == ["*"])
    }

    @Test func tokensAreDifferent() throws {
        let tokens = try (0..<4).map { _ in try Self.create("a").0.output }
        #expect(Set(tokens).count == 4)
    }

    /// What is printed can be pasted.
    @Test func printedEntryIsAcceptedInTheConfiguration() throws {
        let (outcome, _) = try Self.create("storefront", "--routes", "tal*")
        let entry = outcome.notes.dropFirst().joined(separator: "\n")
        let workplace = try Workplace(
            Workplace.configuration.replacing(
                "\"keys\":", with: "\"callers\": [\(entry)], \"keys\":", maxReplacements: 1))
        let checked = try workplace.signet("check")
        #expect(checked.status == 0)
        #expect(!checked.output.isEmpty && !checked.errors.contains("callers create"))
    }

    /// A token that somebody made up may be one that can be guessed.
    @Test(arguments: ["", "secret", "storefront", "signet_storefront", "4f2b6f3d0c9e1a7785b3d2c4e6f8a0b1"])
    func checkWarnsOfATokenMadeElsewhere(token: String) throws {
        let made = Self.digest(try #require(try Self.create("storefront").0.lines.first))
        let entry = #"{ "name": "storefront", "tokenSha256": ["\#(made)", "\#(Self.digest(token))"], "routes": ["*"] }"#
        let workplace = try Workplace(
            Workplace.configuration.replacing(
                "\"keys\":", with: "\"callers\": [\(entry)], \"keys\":", maxReplacements: 1))
        let checked = try workplace.signet("check")
        #expect(checked.status == 0)
        let message = "signet callers create did not make this token of \"storefront\""
        let hint =
            "check that the token has 32 random bytes, or make another: signet callers create storefront"
        #expect(checked.errors.contains(": warning: callers[0].tokenSha256[1]: \(message)\nhint: \(hint)\n"))
        #expect(checked.errors.components(separatedBy: "did not make").count == 2, "\(checked.errors)")
        #expect(!checked.errors.contains(made) && !checked.errors.contains(Self.digest(token)))
        let json = try workplace.signet("check", "--output", "json").output
        guard case .array(let warnings)? = try JSONReader.value(json.utf8)["warnings"] else {
            Issue.record("no warnings")
            return
        }
        #expect(
            warnings.contains { $0["message"]?.string == message && $0["path"]?.string == "callers[0].tokenSha256[1]" })
    }

    @Test(arguments: [
        (["A"], "is not a valid name"), ([], "NAME is missing"), (["a", "b"], "at most 1 argument"),
        ([""], "is not a valid name"),
        (["a", "--routes", "UK"], "--routes needs"), (["a", "--routes", ""], "--routes needs"),
        (["a", "--allow", "everything"], "--allow is one of badge, sign"), (["a\u{1B}[31m"], "is not a valid name"),
    ])
    func wrongUseIsReported(arguments: [String], message: String) throws {
        let outcome = try Signet.run(["callers", "create"] + arguments, in: try ScratchDirectory())
        #expect(outcome.status == 2 && outcome.output == "")
        #expect(outcome.errors.contains(message) && !outcome.errors.contains("\u{1B}"))
    }
}
