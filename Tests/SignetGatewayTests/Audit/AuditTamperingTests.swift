import SignetConfiguration
import SignetTestSupport
import Testing

@testable import SignetGateway

/// Nothing can be done to a file without the key that verification does not find.
@Suite(.onThreads) struct AuditTamperingTests {
    /// Lines of one chain.
    private static func file(lines: Int = 5) async throws -> [UInt8] {
        let directory = try ScratchDirectory()
        try await AuditFixture.record(1...lines, to: directory.path("audit.jsonl"))
        return try AuditFixture.bytes(directory)
    }

    @Test func anUntouchedFileIsWhole() async throws {
        let report = try AuditFixture.verify(text: await Self.file())
        #expect(report.isWhole && report.findings.isEmpty)
        #expect(report.lines == 5 && report.chains.count == 1)
        let chain = try #require(report.chains.first)
        #expect(chain.lines == 5 && chain.first.sequence == 1 && chain.last.sequence == 5)
        #expect(chain.first.time == "2027-01-15T08:00:01Z" && chain.last.time == "2027-01-15T08:00:05Z")
        #expect(!report.provesHead)
    }

    @Test func everyChangedByteIsFound() async throws {
        let original = try await Self.file(lines: 3)
        let key = try AuditFixture.key()
        var unfound: [Int] = []
        for index in original.indices {
            for mask: UInt8 in [0x01, 0x20] {
                var changed = original
                changed[index] ^= mask
                if try AuditFixture.verify(text: changed, key: key).isWhole { unfound.append(index) }
            }
        }
        #expect(unfound == [])
    }

    @Test func everyDroppedByteIsFound() async throws {
        let original = try await Self.file(lines: 3)
        let key = try AuditFixture.key()
        for index in original.indices {
            var changed = original
            changed.remove(at: index)
            #expect(try !AuditFixture.verify(text: changed, key: key).isWhole, "byte \(index)")
        }
    }

    @Test func everyInsertedByteIsFound() async throws {
        let original = try await Self.file(lines: 3)
        let key = try AuditFixture.key()
        for index in 0...original.count {
            for byte in [UInt8(ascii: "\n"), UInt8(ascii: "0")] {
                var changed = original
                changed.insert(byte, at: index)
                #expect(try !AuditFixture.verify(text: changed, key: key).isWhole, "byte \(byte) at \(index)")
            }
        }
    }

    /// A cut in a line is found as it is; one between two lines by a head that is known, and by nothing else.
    @Test func everyCutIsFound() async throws {
        let directory = try ScratchDirectory()
        let head = try #require(try await AuditFixture.record(1...5, to: directory.path("audit.jsonl")))
        let original = try AuditFixture.bytes(directory)
        for count in 0..<original.count {
            let cut = Array(original[..<count])
            let isBetweenLines = count == 0 || cut.last == UInt8(ascii: "\n")
            let report = try AuditFixture.verify(text: cut)
            #expect(report.isWhole == isBetweenLines, "cut at \(count)")
            #expect(isBetweenLines || report.kinds == [.cutOff])
            let proof = try AuditFixture.verify(text: cut, heads: [head])
            #expect(proof.kinds.contains(.headMissing) && !proof.provesHead, "cut at \(count)")
        }
        #expect(try AuditFixture.verify(text: original, heads: [head]).provesHead)
    }

    /// What is done to the lines, and what is found where.
    struct Deed: Sendable, CustomTestStringConvertible {
        let name: String
        let found: [String]
        let act: @Sendable (inout [[UInt8]]) -> Void

        init(_ name: String, _ found: String..., act: @escaping @Sendable (inout [[UInt8]]) -> Void) {
            self.name = name
            self.found = found
            self.act = act
        }

        var testDescription: String { name }
    }

    static let deeds: [Deed] = [
        Deed("the first line dropped", "begins-later:1") { $0.remove(at: 0) },
        Deed("a line dropped", "missing:3") { $0.remove(at: 2) },
        Deed("two lines dropped", "missing:3") { $0.removeSubrange(2...3) },
        Deed("two neighbours swapped", "missing:2", "out-of-order:3") { $0.swapAt(1, 2) },
        Deed("the first two swapped", "begins-later:1", "out-of-order:2") { $0.swapAt(0, 1) },
        Deed(
            "the last line moved to the front", "begins-later:1", "out-of-order:2", "out-of-order:3", "out-of-order:4",
            "out-of-order:5"
        ) {
            $0.insert($0.removeLast(), at: 0)
        },
        Deed("a line there twice", "out-of-order:4") { $0.insert($0[2], at: 3) },
        Deed("a line inserted", "changed:3") { $0.insert(Array("{}\n".utf8), at: 2) },
        Deed("an empty line inserted", "changed:3") { $0.insert([0x0A], at: 2) },
        Deed("a line replaced by another", "out-of-order:3", "missing:4") { $0[2] = $0[1] },
        Deed("a line changed", "changed:3") { $0[2][70] ^= 1 },
        Deed("the last line changed", "changed:5") { $0[4][70] ^= 1 },
        Deed("a line changed and the next dropped", "changed:3", "missing:4") {
            $0[2][70] ^= 1
            $0.remove(at: 3)
        },
        Deed("CR LF line ends", "changed:1", "changed:2", "changed:3", "changed:4", "changed:5") { lines in
            lines = lines.map { $0.dropLast() + [0x0D, 0x0A] }
        },
        Deed("a MAC in capitals", "changed:2") { lines in
            let capitals = String(decoding: lines[1].suffix(67), as: UTF8.self).uppercased()
            lines[1].replaceSubrange((lines[1].count - 67)..., with: Array(capitals.utf8))
        },
        Deed("a line of two megabytes", "changed:3") {
            $0.insert([UInt8](repeating: 0x41, count: 1 << 21) + [0x0A], at: 2)
        },
    ]

    @Test(arguments: deeds)
    func everyDeedIsFoundAtItsPlace(deed: Deed) async throws {
        var lines = AuditFixture.lines(try await Self.file())
        deed.act(&lines)
        let report = try AuditFixture.verify(text: Array(lines.joined()))
        #expect(report.findings.map { "\($0.kind.rawValue):\($0.line ?? 0)" } == deed.found)
    }

    /// Both files were written with the key: lines of the one do not fit into the other.
    @Test func linesOfAnotherChainDoNotFit() async throws {
        let (one, other) = (AuditFixture.lines(try await Self.file()), AuditFixture.lines(try await Self.file()))
        var mixed = one
        mixed[2] = other[2]
        let report = try AuditFixture.verify(text: Array(mixed.joined()))
        #expect(report.kinds == [.anotherChain, .beginsLater, .missing])
        #expect(!report.isWhole)
    }

    /// A file that was put back from a copy and written on: the gateway's own key chains both ends.
    @Test func aForkIsFound() async throws {
        let directory = try ScratchDirectory()
        let path = directory.path("audit.jsonl")
        try await AuditFixture.record(1...3, to: path)
        let copy = try AuditFixture.bytes(directory)
        try await AuditFixture.record(4...5, to: path)
        let first = AuditFixture.lines(try AuditFixture.bytes(directory))
        try directory.write(copy, to: "audit.jsonl")
        try await AuditFixture.record(14...15, to: path)
        let second = AuditFixture.lines(try AuditFixture.bytes(directory))
        let report = try AuditFixture.verify(text: Array((first[..<4] + second[4...]).joined()))
        #expect(report.kinds == [.forked])
    }

    @Test func withAnotherKeyNothingVerifies() async throws {
        let directory = try ScratchDirectory()
        let path = directory.path("audit.jsonl")
        try await AuditFixture.record(1...300, to: path)
        let report = try AuditFixture.verify([path], secret: "another-MARKER-key-of-at-least-32-bytes")
        #expect(report.faultCount == 300 && report.findings.count == AuditReport.keptFindings)
        #expect(report.chains.isEmpty)
    }
}
