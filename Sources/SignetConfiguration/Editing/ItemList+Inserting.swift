extension ItemList {
    /// Puts an item in, laid out like its neighbours.
    ///
    /// - Parameters:
    ///   - text: The item, without a comma.
    ///   - index: The place among the items; their count for the end.
    ///   - step: What one level is indented by, for an object or array that has no item yet.
    func inserting(_ text: [UInt8], at index: Int, step: [UInt8]) -> [Replacement] {
        if items.isEmpty { return [insertingAlone(text, step: step)] }
        return index == 0 ? [insertingFirst(text)] : inserting(text, after: index - 1)
    }

    private static let comma = [UInt8(ascii: ",")]
    private static let space = [UInt8(ascii: " ")]

    private func inserting(_ text: [UInt8], after index: Int) -> [Replacement] {
        let (item, gap) = (items[index], gap(before: index + 1))
        if gap.hasCommaOnLaterLine {
            return [.inserting(Self.comma + separator + text, at: item.upperBound)]
        }
        guard let lineBreak = ownLine(after: index) else {
            return gap.comma.map { [.inserting(separator + text + Self.comma, at: $0 + 1)] }
                ?? [.inserting(Self.comma + separator + text, at: item.upperBound)]
        }
        // A comment on the item's line stays with the item.
        let end = gap.lineFeeds.first.map(endOfLine) ?? gap.endOfContent
        if gap.comma != nil { return [.inserting(lineBreak + text + Self.comma, at: end)] }
        return [.inserting(Self.comma, at: item.upperBound), .inserting(lineBreak + text, at: end)]
    }

    private func insertingFirst(_ text: [UInt8]) -> Replacement {
        if startsLine(0), let lineFeed = gap(before: 0).lineFeeds.first {
            return .inserting(lineBreak(before: 0) + text + Self.comma, at: endOfLine(lineFeed))
        }
        let behind = isColumn ? lineBreak(before: 1) : separator
        return .inserting(text + Self.comma + behind, at: items[0].lowerBound)
    }

    private func insertingAlone(_ text: [UInt8], step: [UInt8]) -> Replacement {
        let gap = gap(before: 0)
        if let last = gap.lineFeeds.last, isBlank(last..<inside.upperBound) {
            let indentation = Array(source[last + 1..<inside.upperBound])
            return .inserting(lineEnd(at: last) + indentation + step + text, at: endOfLine(last))
        }
        if isBlank(inside) {
            let edge = isObject || !inside.isEmpty ? Self.space : []
            return Replacement(inside, edge + text + edge)
        }
        return .inserting(Self.space + text, at: gap.endOfContent)
    }

    /// The line end and indentation for an item that gets a line of its own behind this one, or nil where it does not.
    private func ownLine(after index: Int) -> [UInt8]? {
        let isLast = index == items.count - 1
        if startsLine(index) && (isLast || startsLine(index + 1)) { return lineBreak(before: index) }
        return isColumn ? lineBreak(before: max(1, index)) : nil
    }

    /// The line end and indentation that stand before an item which starts its line.
    private func lineBreak(before index: Int) -> [UInt8] {
        let lineFeed = gap(before: index).lineFeeds.last ?? 0
        return lineEnd(at: lineFeed) + indentation(ofLineAt: items[index].lowerBound)
    }

    /// What stands between a comma and an item on the same line.
    private var separator: [UInt8] {
        for index in items.indices.dropFirst() {
            let gap = gap(before: index)
            guard let comma = gap.comma, !gap.breaksLine else { continue }
            return trimmingForward(comma + 1) > comma + 1 ? Self.space : []
        }
        let isDense = !source.contains(UInt8(ascii: "\n")) && !source.contains(UInt8(ascii: " "))
        return isDense ? [] : Self.space
    }
}
