import SignetJOSE

/// The items of an object or an array in their text, and the text between them.
struct ItemList {
    let source: [UInt8]
    /// The bytes of each item: a member with its name, or an element.
    let items: [Range<Int>]
    /// The bytes between the brackets.
    let inside: Range<Int>
    /// Whether it is an object.
    let isObject: Bool

    /// The items of a value; nil for a value that is neither object nor array.
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

    /// The text before an item; for the index after the last, the text before the closing bracket.
    func separator(before index: Int) -> ItemSeparator {
        let start = index == 0 ? inside.lowerBound : items[index - 1].upperBound
        let end = index == items.count ? inside.upperBound : items[index].lowerBound
        return ItemSeparator(start..<end, in: source)
    }

    /// Whether an item is the first on its line.
    func startsLine(_ index: Int) -> Bool {
        separator(before: index).breaksLine
    }

    /// Whether every item has a line of its own. The first may be on the line of the opening bracket.
    var isColumn: Bool {
        items.count > 1 && items.indices.dropFirst().allSatisfy(startsLine)
    }

    // MARK: Lines and white space

    /// The first byte of the line of a byte.
    func startOfLine(_ offset: Int) -> Int {
        source[..<offset].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    }

    /// The spaces and tabs at the start of the line of a byte.
    func indentation(ofLineAt offset: Int) -> [UInt8] {
        Array(source[startOfLine(offset)..<offset].prefix(while: Self.isSpace))
    }

    /// The end of a line by its line feed: before the carriage return, if there is one.
    func endOfLine(_ lineFeed: Int) -> Int {
        lineFeed > 0 && source[lineFeed - 1] == UInt8(ascii: "\r") ? lineFeed - 1 : lineFeed
    }

    /// The bytes of a line end by its line feed.
    func lineEnd(at lineFeed: Int) -> [UInt8] {
        Array(source[endOfLine(lineFeed)...lineFeed])
    }

    /// Whether a range holds only white space.
    func isBlank(_ range: Range<Int>) -> Bool {
        source[range].allSatisfy { Self.isSpace($0) || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    }

    /// The start of the spaces and tabs before a byte.
    func trimmingBack(_ offset: Int) -> Int {
        source[..<offset].lastIndex { !Self.isSpace($0) }.map { $0 + 1 } ?? 0
    }

    /// The end of the spaces and tabs from a byte on.
    func trimmingForward(_ offset: Int) -> Int {
        source[offset...].firstIndex { !Self.isSpace($0) } ?? source.count
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}

/// The text between two items of an object or an array: white space, comments, and at most one comma.
struct ItemSeparator {
    let range: Range<Int>
    /// The place of the comma.
    private(set) var comma: Int?
    /// The comments, a `//` comment without its line end.
    private(set) var comments: [Range<Int>] = []
    /// The places of the line feeds outside comments.
    private(set) var lineFeeds: [Int] = []

    init(_ range: Range<Int>, in source: [UInt8]) {
        self.range = range
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = source[index]
            if byte == UInt8(ascii: "/") {
                let end = Self.endOfComment(from: index, to: range.upperBound, in: source)
                comments.append(index..<end)
                index = end
            } else {
                if byte == UInt8(ascii: ",") { comma = index }
                if byte == UInt8(ascii: "\n") { lineFeeds.append(index) }
                index += 1
            }
        }
    }

    /// Whether the items are on different lines.
    var breaksLine: Bool { !lineFeeds.isEmpty }

    /// Whether the comma starts a line, as some write it.
    var hasCommaOnLaterLine: Bool {
        guard let comma, let first = lineFeeds.first else { return false }
        return first < comma
    }

    /// The end of the comma or the last comment.
    var endOfContent: Int {
        max(comma.map { $0 + 1 } ?? range.lowerBound, comments.last?.upperBound ?? range.lowerBound)
    }

    private static func endOfComment(from start: Int, to limit: Int, in source: [UInt8]) -> Int {
        let isLine = source[start + 1] == UInt8(ascii: "/")
        var index = start + 2
        while index < limit {
            if isLine {
                if source[index] == UInt8(ascii: "\n") { return index }
            } else if source[index] == UInt8(ascii: "*"), source[index + 1] == UInt8(ascii: "/") {
                return index + 2
            }
            index += 1
        }
        return limit
    }
}

/// The layout of an object, for writing another next to it.
struct ObjectStyle {
    private var opening = " "
    private var colon = ": "
    private var separator = ", "
    private var closing = " "

    /// The layout of an object, without its comments.
    init(of node: JSONNode, in source: [UInt8]) {
        guard let members = node.members, !members.isEmpty, let list = ItemList(node, in: source) else { return }
        let last = list.separator(before: members.count)
        opening = Self.space(list.separator(before: 0), before: list.items[0].lowerBound, in: list)
        colon = Self.colon(of: members[0], in: source)
        closing = (last.comma == nil ? "" : ",") + Self.space(last, before: list.inside.upperBound, in: list)
        if members.count > 1 {
            separator = "," + Self.space(list.separator(before: 1), before: list.items[1].lowerBound, in: list)
        } else {
            separator = "," + (opening.isEmpty && colon.last == " " ? " " : opening)
        }
    }

    /// An object of these members in this layout.
    func text(_ members: [JSONMember]) -> String {
        let items = members.map { member in
            JSONWriter.text(of: .string(member.name)) + colon + JSONWriter.text(of: member.value)
        }
        return "{" + opening + items.joined(separator: separator) + closing + "}"
    }

    /// The text between a member's name and its value; `": "` if it has a comment or is wider, to align values in a column.
    static func colon(of member: JSONNode.Member, in source: [UInt8]) -> String {
        let between = String(
            decoding: source[member.nameRange.upperBound..<member.value.range.lowerBound], as: UTF8.self)
        return [":", ": ", " : "].contains(between) ? between : ": "
    }

    private static func space(_ separator: ItemSeparator, before offset: Int, in list: ItemList) -> String {
        if let lineFeed = separator.lineFeeds.last {
            return String(decoding: list.lineEnd(at: lineFeed) + list.indentation(ofLineAt: offset), as: UTF8.self)
        }
        return list.trimmingBack(offset) == offset ? "" : " "
    }
}
