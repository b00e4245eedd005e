/// What stands between two items of an object or an array: white space, comments, and a comma or none.
struct Gap {
    /// The bytes it takes up.
    let range: Range<Int>
    /// The comma's place.
    private(set) var comma: Int?
    /// The comments, without the line end that closes one of `//`.
    private(set) var comments: [Range<Int>] = []
    /// The places of the line feeds that no comment holds.
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

    /// Whether what follows stands on another line than what precedes.
    var breaksLine: Bool { !lineFeeds.isEmpty }

    /// Whether a line ends between what precedes and the comma, for those who write commas first.
    var hasCommaOnLaterLine: Bool {
        guard let comma, let first = lineFeeds.first else { return false }
        return first < comma
    }

    /// The end of the last thing in it that is no white space.
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
