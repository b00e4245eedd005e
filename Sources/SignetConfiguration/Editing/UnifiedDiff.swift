import SignetJOSE

/// The difference between two texts, in the format of diff -u and patch(1).
package enum UnifiedDiff {
    /// The number of unchanged lines around a change.
    private static let context = 3

    /// The difference between two texts, byte for byte; empty for equal texts.
    package static func between(_ old: [UInt8], _ new: [UInt8], named name: String) -> [UInt8] {
        guard old != new else { return [] }
        let lines = lines(from: split(old), to: split(new))
        var text = Array("--- \(name)\n+++ \(name)\n".utf8)
        for hunk in hunks(of: lines) { text += self.text(of: hunk, in: lines) }
        return text
    }

    /// A line with its line end, and its kind.
    private struct Line {
        enum Kind {
            case kept, removed, added
        }
        let kind: Kind
        let bytes: ArraySlice<UInt8>
    }

    private static func split(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? text.count
            lines.append(text[start..<end])
            start = end
        }
        return lines
    }

    private static func lines(from old: [ArraySlice<UInt8>], to new: [ArraySlice<UInt8>]) -> [Line] {
        var (removed, added) = (Set<Int>(), Set<Int>())
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var lines: [Line] = []
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if removed.contains(left) {
                lines.append(Line(kind: .removed, bytes: old[left]))
                left += 1
            } else if added.contains(right) {
                lines.append(Line(kind: .added, bytes: new[right]))
                right += 1
            } else {
                lines.append(Line(kind: .kept, bytes: old[left]))
                left += 1
                right += 1
            }
        }
        return lines
    }

    /// The changes with the lines around them. Hunks that touch are joined.
    private static func hunks(of lines: [Line]) -> [Range<Int>] {
        var hunks: [Range<Int>] = []
        for index in lines.indices where lines[index].kind != .kept {
            let range = max(0, index - context)..<min(lines.count, index + context + 1)
            if let last = hunks.last, last.upperBound >= range.lowerBound {
                hunks[hunks.count - 1] = last.lowerBound..<range.upperBound
            } else {
                hunks.append(range)
            }
        }
        return hunks
    }

    private static func text(of hunk: Range<Int>, in lines: [Line]) -> [UInt8] {
        let old = place(of: hunk, in: lines) { $0 != .added }
        let new = place(of: hunk, in: lines) { $0 != .removed }
        var text = Array("@@ -\(old) +\(new) @@\n".utf8)
        for line in lines[hunk] {
            switch line.kind {
            case .kept: text.append(UInt8(ascii: " "))
            case .removed: text.append(UInt8(ascii: "-"))
            case .added: text.append(UInt8(ascii: "+"))
            }
            text += line.bytes
            if line.bytes.last != UInt8(ascii: "\n") { text += Array("\n\\ No newline at end of file\n".utf8) }
        }
        return text
    }

    /// `start,count` of one side. A side without a line starts at the line before.
    private static func place(of hunk: Range<Int>, in lines: [Line], on side: (Line.Kind) -> Bool) -> String {
        let before = lines[..<hunk.lowerBound].count { side($0.kind) }
        let count = lines[hunk].count { side($0.kind) }
        return "\(count == 0 ? before : before + 1),\(count)"
    }
}
