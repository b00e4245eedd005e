import SignetJOSE

/// The items of an object or an array where they stand in their text, and what stands between them.
struct ItemList {
    let source: [UInt8]
    /// The bytes of each item: a member with its name, or an element.
    let items: [Range<Int>]
    /// From behind the opening bracket to the closing one.
    let inside: Range<Int>
    /// Whether it is an object.
    let isObject: Bool

    /// The items of a value, or nil where it has none by its kind.
    init?(_ node: JSONNode, in source: [UInt8]) {
        switch node.content {
        case .object(let members):
            items = members.map { $0.nameRange.lowerBound..<$0.value.range.upperBound }
            isObject = true
        case .array(let elements):
            items = elements.map(\.range)
            isObject = false
        default: return nil
        }
        self.source = source
        inside = node.range.lowerBound + 1..<node.range.upperBound - 1
    }

    /// What stands before an item; of the index behind the last, what stands before the closing bracket.
    func gap(before index: Int) -> Gap {
        let start = index == 0 ? inside.lowerBound : items[index - 1].upperBound
        let end = index == items.count ? inside.upperBound : items[index].lowerBound
        return Gap(start..<end, in: source)
    }

    /// Whether an item is the first on its line.
    func startsLine(_ index: Int) -> Bool {
        gap(before: index).breaksLine
    }

    /// Whether every item has a line of its own; the first may stand behind the opening bracket.
    var isColumn: Bool {
        items.count > 1 && items.indices.dropFirst().allSatisfy(startsLine)
    }

    // MARK: Lines and white space

    /// The first byte of the line that a byte stands on.
    func startOfLine(_ offset: Int) -> Int {
        var start = offset
        while start > 0, source[start - 1] != UInt8(ascii: "\n") { start -= 1 }
        return start
    }

    /// The spaces and tabs that the line of a byte starts with.
    func indentation(ofLineAt offset: Int) -> [UInt8] {
        Array(source[startOfLine(offset)..<offset].prefix(while: Self.isSpace))
    }

    /// Where a line ends, of its line feed: before the carriage return, if there is one.
    func endOfLine(_ lineFeed: Int) -> Int {
        lineFeed > 0 && source[lineFeed - 1] == UInt8(ascii: "\r") ? lineFeed - 1 : lineFeed
    }

    /// The line end that a line feed belongs to.
    func lineEnd(at lineFeed: Int) -> [UInt8] {
        Array(source[endOfLine(lineFeed)...lineFeed])
    }

    /// Whether nothing but white space stands there.
    func isBlank(_ range: Range<Int>) -> Bool {
        source[range].allSatisfy { Self.isSpace($0) || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    }

    /// A place without the spaces and tabs before it.
    func trimmingBack(_ offset: Int) -> Int {
        var start = offset
        while start > 0, Self.isSpace(source[start - 1]) { start -= 1 }
        return start
    }

    /// A place without the spaces and tabs behind it.
    func trimmingForward(_ offset: Int) -> Int {
        var end = offset
        while end < source.count, Self.isSpace(source[end]) { end += 1 }
        return end
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
