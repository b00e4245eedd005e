import SignetConfiguration
import SignetJOSE
import SignetRouting
import SignetTestSupport
import Testing

/// Every change at every place of every configuration fixture. Nothing else may change, and no comment may go.
@Suite struct EditingEverywhereTests {
    private static let files = Fixtures.names(in: "config/accepted", endings: [".json", ".jsonc"])

    /// A text unchanged, with other line ends, with tabs, and without its last line end.
    private static func layouts(of name: String) throws -> [[UInt8]] {
        let text = try Fixtures.text("config/accepted/\(name)")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let commented = lines.enumerated().map { $0 + 1 < lines.count ? "\($1) // \($0)" : "\($1)" }
        return [
            text, text.replacing("\n", with: "\r\n"), text.replacing("  ", with: "\t"),
            String(text.dropLast(text.hasSuffix("\n") ? 1 : 0)),
            text.contains("/*") ? text : commented.joined(separator: "\n"),
        ].map { Array($0.utf8) }
    }

    @Test(arguments: files)
    func insertionLeavesAllElse(name: String) throws {
        for bytes in try Self.layouts(of: name) {
            let before = try ConfigurationText(bytes)
            for (path, node) in before.root.containers {
                let count = node.members?.count ?? node.elements?.count ?? 0
                for index in 0...count {
                    var text = before
                    if let members = node.members {
                        let place: ConfigurationText.Place =
                            index == count ? .last : .before(members[index].name)
                        try text.insertMember("put-in", "[1]", place, in: path)
                    } else {
                        try text.insertElement("[1]", at: index, in: path)
                    }
                    #expect(text.bytes.holds(before.bytes), "\(path) \(index)")
                    #expect(text.bytes.count - before.bytes.count < 80)
                    #expect(text.bytes.comments == before.bytes.comments, "\(path) \(index)")
                    guard count > 0 else { continue }
                    try text.remove(path + [node.members == nil ? "\(index)" : "put-in"])
                    #expect(text.bytes == before.bytes, "\(path) \(index)")
                }
            }
        }
    }

    @Test(arguments: files)
    func removalLeavesAllElse(name: String) throws {
        for bytes in try Self.layouts(of: name) {
            let before = try ConfigurationText(bytes)
            for (path, node) in before.root.containers {
                let items =
                    node.members?.map { ($0.name, $0.nameRange.lowerBound..<$0.value.range.upperBound) }
                    ?? node.elements?.enumerated().map { ("\($0)", $1.range) } ?? []
                for (step, range) in items {
                    var text = before
                    try text.remove(path + [step])
                    #expect(before.bytes.holds(text.bytes), "\(path) \(step)")
                    let others = bytes.comments(besideLinesOf: range)
                    #expect(text.bytes.comments.joined().holds(others.joined()), "\(path) \(step)")
                }
            }
        }
    }

    @Test(arguments: files)
    func replacementLeavesAllElse(name: String) throws {
        for bytes in try Self.layouts(of: name) {
            let before = try ConfigurationText(bytes)
            for (path, node) in before.root.everything where !path.isEmpty {
                var text = before
                try text.replace(path, with: "12.50")
                let expected = bytes[..<node.range.lowerBound] + Array("12.50".utf8) + bytes[node.range.upperBound...]
                #expect(text.bytes == Array(expected))
            }
        }
    }
}

extension JSONNode {
    /// Every value and its path; the first of duplicate members.
    fileprivate var everything: [(path: [String], node: JSONNode)] {
        let inner =
            members?.map { ($0.name, $0.value) } ?? elements?.enumerated().map { ("\($0)", $1) } ?? []
        return [([], self)] + inner.flatMap { step, node in node.everything.map { ([step] + $0.path, $0.node) } }
    }

    fileprivate var containers: [(path: [String], node: JSONNode)] {
        everything.filter { $0.node.members != nil || $0.node.elements != nil }
    }
}

extension Sequence<UInt8> {
    /// Whether it contains all of these bytes in their order, with others between them.
    fileprivate func holds(_ part: some Sequence<UInt8>) -> Bool {
        var rest = Array(part)[...]
        for byte in self where byte == rest.first { rest = rest.dropFirst() }
        return rest.isEmpty
    }
}

extension [UInt8] {
    /// Its comments, in their order.
    fileprivate var comments: [[UInt8]] { commentRanges.map { Array(self[$0]) } }

    /// The comments that begin outside a range of lines.
    fileprivate func comments(besideLinesOf range: Range<Int>) -> [[UInt8]] {
        commentRanges.filter { comment in
            if range.contains(comment.lowerBound) { return false }
            let between =
                comment.lowerBound < range.lowerBound
                ? self[comment.lowerBound..<range.lowerBound] : self[range.upperBound..<comment.lowerBound]
            return comment.lowerBound < range.lowerBound || between.contains(UInt8(ascii: "\n"))
        }.map { Array(self[$0]) }
    }

    /// Found without the parser: outside strings, from `//` to the line's end or from `/*` to `*/`.
    private var commentRanges: [Range<Int>] {
        var ranges: [Range<Int>] = []
        var index = 0
        while index < count {
            let rest = self[index...]
            if self[index] == UInt8(ascii: "\"") {
                index += 1
                while self[index] != UInt8(ascii: "\"") { index += self[index] == UInt8(ascii: "\\") ? 2 : 1 }
            } else if rest.starts(with: "//".utf8) {
                let end = rest.firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } ?? count
                ranges.append(index..<end)
                index = end - 1
            } else if rest.starts(with: "/*".utf8) {
                var end = index + 2
                while !self[end...].starts(with: "*/".utf8) { end += 1 }
                ranges.append(index..<end + 2)
                index = end + 1
            }
            index += 1
        }
        return ranges
    }
}
