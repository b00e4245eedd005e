import Foundation
import SignetConfiguration
import SignetRouting
import SignetTestSupport
import Testing

@Suite struct UnifiedDiffTests {
    private static let numbers = (1...30).map { "\($0)\n" }

    /// Lines of numbers, some of them changed, inserted or removed.
    private static func numbers(_ changes: [Int: String]) -> String {
        numbers.enumerated().map { changes[$0.offset + 1] ?? $0.element }.joined()
    }

    @Test func changeIsShownWithThreeLinesAround() {
        let diff = UnifiedDiff.between(
            Array(Self.numbers([:]).utf8), Array(Self.numbers([10: "ten\n"]).utf8), named: "signet.json")
        #expect(
            String(decoding: diff, as: UTF8.self) == """
                --- signet.json
                +++ signet.json
                @@ -7,7 +7,7 @@
                 7
                 8
                 9
                -10
                +ten
                 11
                 12
                 13

                """)
    }

    @Test func equalTextsHaveNoDiff() {
        #expect(UnifiedDiff.between([1], [1], named: "a").isEmpty)
    }

    @Test(arguments: [
        (numbers([1: "x\n", 30: "y\n"]), 2), (numbers([5: "x\n", 11: "y\n"]), 1), (numbers([5: "x\n", 12: "y\n"]), 1),
        (numbers([5: "x\n", 13: "y\n"]), 2), (numbers([15: ""]), 1), (numbers([15: "15\nmore\n"]), 1),
        (numbers([30: "30"]), 1), (numbers([29: "x", 30: ""]), 1), ("", 1), (numbers([3: "3\r\n"]), 1),
    ])
    func patchAppliesTheDiff(new: String, hunks: Int) throws {
        for (old, new) in [(Self.numbers([:]), new), (new, Self.numbers([:]))] {
            let directory = try ScratchDirectory()
            try directory.write(old, to: "signet.json")
            let diff = UnifiedDiff.between(Array(old.utf8), Array(new.utf8), named: "signet.json")
            try directory.write(diff, to: "diff")
            #expect(String(decoding: diff, as: UTF8.self).components(separatedBy: "\n@@ ").count == hunks + 1)
            let patch = Process()
            patch.executableURL = URL(filePath: "/usr/bin/env")
            patch.arguments = ["patch", "--quiet", "--posix", "--binary", "-i", "diff", "signet.json"]
            patch.currentDirectoryURL = directory.url
            try patch.run()
            patch.waitUntilExit()
            #expect(patch.terminationStatus == 0)
            #expect((directory.exists("signet.json") ? try directory.text("signet.json") : "") == new)
        }
    }
}
