import Foundation
import SignetTestSupport
import Testing

/// What embedders and plugin authors can rely on is listed in Fixtures/public-api.txt. `SIGNET_RECORD=1` records a change.
@Suite struct PublicAPITests {
    @Test func publicDeclarationsAreThoseOfTheFixture() throws {
        let found = try Self.modules().flatMap { module, files in
            try files.flatMap { file in try Self.declarations(of: file).map { "\(module)  \($0)" } }
        }
        #expect(found.count > 100)
        let text = found.sorted().joined(separator: "\n") + "\n"
        #expect(try Snapshot.expected("public-api.txt", actual: text) == text)
    }

    private static func modules() throws -> [(name: String, files: [URL])] {
        let sources = Fixtures.repository.appending(path: "Sources")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: sources.path()).filter {
            $0.hasSuffix(".swift")
        }
        let byModule = Dictionary(grouping: paths) { path in
            path.split(separator: "/").first { $0.hasPrefix("Signet") }.map(String.init) ?? "signet"
        }
        return byModule.map { ($0.key, $0.value.map { sources.appending(path: $0) }) }
    }

    /// Each public declaration up to its body, with the types around it. The format of the sources is the formatter's, so the
    /// indentation says what is inside of what.
    private static func declarations(of file: URL) throws -> [String] {
        let lines = try String(contentsOf: file, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        var around: [(indentation: Int, name: String)] = []
        var found: [String] = []
        for (index, line) in lines.enumerated() {
            let text = line.drop { $0 == " " }
            let indentation = line.count - text.count
            if text.isEmpty || text.hasPrefix("//") || text.hasPrefix("#") { continue }
            around.removeAll { $0.indentation >= indentation }
            if let name = text.firstMatch(
                of: #/^(?:[@\w().]+ )*(?:struct|enum|class|protocol|extension|actor) ([\w.]+)/#)
            {
                if text.contains("public ") { found.append(signature(lines[index...], in: around.map(\.name))) }
                let isProtocol = text.contains("public protocol ")
                around.append((indentation, (isProtocol ? "protocol " : "") + String(name.1)))
            } else if text.contains(#/^(?:@\w+(?:\([^)]*\))? )*(?:indirect )?public /#) {
                found.append(signature(lines[index...], in: around.map(\.name)))
            } else if let inner = around.last, inner.name.hasPrefix("protocol "), indentation == inner.indentation + 4,
                text.contains(#/^(?:static |mutating )?(?:func|var|init|associatedtype)\b/#)
            {
                found.append(signature(lines[index...], in: around.map(\.name)))
            } else if text.hasPrefix("case "), let inner = around.last, indentation == inner.indentation + 4,
                lines[..<index].last(where: { $0.contains("enum \(inner.name)") })?.contains("public ") == true
            {
                found.append(signature(lines[index...], in: around.map(\.name)))
            }
        }
        return found
    }

    /// One declaration on one line, without its body.
    private static func signature(_ lines: ArraySlice<Substring>, in around: [String]) -> String {
        var text = ""
        for line in lines {
            text += (text.isEmpty ? "" : " ") + line.trimmingCharacters(in: .whitespaces)
            if text.count(where: { $0 == "(" }) == text.count(where: { $0 == ")" }) { break }
        }
        let end = text.firstRange(of: " {")?.lowerBound ?? text.endIndex
        let place = around.map { $0.replacing("protocol ", with: "") }.joined(separator: ".")
        return (place.isEmpty ? "" : "\(place): ") + text[..<end].replacing("( ", with: "(").replacing(" )", with: ")")
    }
}
