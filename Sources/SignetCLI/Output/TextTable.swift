import SignetJOSE

/// Rows for people: columns as wide as their widest entry, numbers to the right.
struct TextTable {
    /// One entry of a row.
    enum Cell: ExpressibleByStringLiteral {
        case text(String)
        case number(Int)

        init(stringLiteral value: String) {
            self = .text(value)
        }

        fileprivate var text: String {
            switch self {
            case .text(let text): text.visible
            case .number(let number): String(number)
            }
        }

        fileprivate func padded(to width: Int) -> String {
            switch self {
            case .text: text.padded(to: width)
            case .number: String(repeating: " ", count: max(0, width - text.count)) + text
            }
        }
    }

    /// What stands before each row.
    var indent = ""
    var rows: [[Cell]] = []

    /// The rows, a line each.
    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].text.count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = zip(row, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return "\(indent)\(line)\n"
        }.joined()
    }
}
