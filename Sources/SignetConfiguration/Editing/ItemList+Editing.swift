/// Bytes in the place of others.
struct Replacement: Equatable {
    /// The bytes that go; empty for an insertion.
    let range: Range<Int>
    /// The bytes that come.
    let bytes: [UInt8]

    init(_ range: Range<Int>, _ bytes: [UInt8]) {
        self.range = range
        self.bytes = bytes
    }

    static func inserting(_ bytes: [UInt8], at offset: Int) -> Replacement {
        Replacement(offset..<offset, bytes)
    }

    static func removing(_ range: Range<Int>) -> Replacement {
        Replacement(range, [])
    }
}

extension [UInt8] {
    /// The bytes with these replacements. Replacements do not overlap. At one place they apply in their order.
    func applying(_ replacements: [Replacement]) -> [UInt8] {
        let ordered = replacements.enumerated().sorted {
            ($0.element.range.lowerBound, $0.offset) < ($1.element.range.lowerBound, $1.offset)
        }
        var result: [UInt8] = []
        var kept = 0
        for (_, replacement) in ordered {
            result += self[kept..<replacement.range.lowerBound]
            result += replacement.bytes
            kept = replacement.range.upperBound
        }
        return result + self[kept...]
    }
}

// MARK: Inserting

extension ItemList {
    private static let comma = [UInt8(ascii: ",")]
    private static let space = [UInt8(ascii: " ")]

    /// Inserts an item in the layout of its neighbours.
    ///
    /// - Parameters:
    ///   - text: The item, without a comma.
    ///   - index: The place among the items; their count for the end.
    ///   - step: The indentation of one level, for an object or array without items.
    func inserting(_ text: [UInt8], at index: Int, step: [UInt8]) -> [Replacement] {
        if items.isEmpty { return [insertingAlone(text, step: step)] }
        return index == 0 ? [insertingFirst(text)] : inserting(text, after: index - 1)
    }

    private func inserting(_ text: [UInt8], after index: Int) -> [Replacement] {
        let (item, after) = (items[index], separator(before: index + 1))
        if after.hasCommaOnLaterLine {
            return [.inserting(Self.comma + spaceAfterComma + text, at: item.upperBound)]
        }
        guard let lineBreak = ownLine(after: index) else {
            return after.comma.map { [.inserting(spaceAfterComma + text + Self.comma, at: $0 + 1)] }
                ?? [.inserting(Self.comma + spaceAfterComma + text, at: item.upperBound)]
        }
        // A comment on the item's line stays with the item.
        let end = after.lineFeeds.first.map(endOfLine) ?? after.endOfContent
        if after.comma != nil { return [.inserting(lineBreak + text + Self.comma, at: end)] }
        return [.inserting(Self.comma, at: item.upperBound), .inserting(lineBreak + text, at: end)]
    }

    private func insertingFirst(_ text: [UInt8]) -> Replacement {
        if let lineFeed = separator(before: 0).lineFeeds.first {
            return .inserting(lineBreak(before: 0) + text + Self.comma, at: endOfLine(lineFeed))
        }
        let space = isColumn ? lineBreak(before: 1) : spaceAfterComma
        return .inserting(text + Self.comma + space, at: items[0].lowerBound)
    }

    private func insertingAlone(_ text: [UInt8], step: [UInt8]) -> Replacement {
        let content = separator(before: 0)
        if let last = content.lineFeeds.last, isBlank(last..<inside.upperBound) {
            let indentation = Array(source[last + 1..<inside.upperBound])
            return .inserting(lineEnd(at: last) + indentation + step + text, at: endOfLine(last))
        }
        if isBlank(inside) {
            let edge = isObject || !inside.isEmpty ? Self.space : []
            return Replacement(inside, edge + text + edge)
        }
        return .inserting(Self.space + text, at: content.endOfContent)
    }

    /// The line end and indentation for an item on a line of its own after this one; nil where items share a line.
    private func ownLine(after index: Int) -> [UInt8]? {
        let isLast = index == items.count - 1
        if startsLine(index) && (isLast || startsLine(index + 1)) { return lineBreak(before: index) }
        return isColumn ? lineBreak(before: max(1, index)) : nil
    }

    /// The line end and indentation before an item that starts its line.
    private func lineBreak(before index: Int) -> [UInt8] {
        let lineFeed = separator(before: index).lineFeeds.last ?? 0
        return lineEnd(at: lineFeed) + indentation(ofLineAt: items[index].lowerBound)
    }

    /// The text between a comma and an item on the same line.
    private var spaceAfterComma: [UInt8] {
        for index in items.indices.dropFirst() {
            let before = separator(before: index)
            guard let comma = before.comma, !before.breaksLine else { continue }
            return trimmingForward(comma + 1) > comma + 1 ? Self.space : []
        }
        let isDense = !source.contains(UInt8(ascii: "\n")) && !source.contains(UInt8(ascii: " "))
        return isDense ? [] : Self.space
    }
}

// MARK: Removing

extension ItemList {
    /// Removes an item with its comma and a comment after it on its last line. Comments on other lines stay.
    func removing(at index: Int) -> [Replacement] {
        let (item, before, after) = (items[index], separator(before: index), separator(before: index + 1))
        // The comma of the item before would become a trailing one.
        let orphan = index > 0 && index == items.count - 1 && after.comma == nil ? before.comma : nil
        let start = startOfLine(item.lowerBound)
        if before.breaksLine, isBlank(start..<item.lowerBound), let lineFeed = after.lineFeeds.first,
            !after.hasCommaOnLaterLine
        {
            return (orphan.map { [.removing($0..<$0 + 1)] } ?? []) + [.removing(start..<lineFeed + 1)]
        }
        if let orphan { return removingLast(item, before, comma: orphan) }
        guard let comma = after.comma else {
            return [.removing(trimmingBack(item.lowerBound)..<item.upperBound)]
        }
        if index > 0, !before.breaksLine, let previous = before.comma, isBlank(previous + 1..<item.lowerBound) {
            return [.removing(previous + 1..<comma + 1)]
        }
        let rest = comma + 1..<after.range.upperBound
        let joins = !before.breaksLine && index + 1 < items.count && isBlank(rest)
        return [.removing(item.lowerBound..<(joins ? rest.upperBound : trimmingForward(comma + 1)))]
    }

    private func removingLast(_ item: Range<Int>, _ before: ItemSeparator, comma: Int) -> [Replacement] {
        guard isBlank(comma + 1..<item.lowerBound) else {
            return [.removing(comma..<comma + 1), .removing(trimmingBack(item.lowerBound)..<item.upperBound)]
        }
        let start = isBlank(before.range.lowerBound..<comma) ? before.range.lowerBound : comma
        return [.removing(start..<item.upperBound)]
    }
}
