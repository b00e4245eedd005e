extension ItemList {
    /// Takes an item out, with its comma and a comment behind it on its last line; comments on other lines stay.
    func removing(at index: Int) -> [Replacement] {
        let (item, before, after) = (items[index], gap(before: index), gap(before: index + 1))
        // The comma of the item before would become one that trails.
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

    private func removingLast(_ item: Range<Int>, _ before: Gap, comma: Int) -> [Replacement] {
        guard isBlank(comma + 1..<item.lowerBound) else {
            return [.removing(comma..<comma + 1), .removing(trimmingBack(item.lowerBound)..<item.upperBound)]
        }
        let start = isBlank(before.range.lowerBound..<comma) ? before.range.lowerBound : comma
        return [.removing(start..<item.upperBound)]
    }
}
