/// A percentage in thousandths: 2.007 is 2007. It is read from decimal text, never through floating point.
public struct Percentage: Sendable, Hashable, Comparable {
    /// The thousandths of a percent, from 0 to 100,000.
    public let thousandths: UInt64

    /// Reads 0 to 100 with at most three decimals, without sign, exponent or leading zero.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy(Self.isDigits), let whole = UInt64(parts[0]),
            parts[0] == "0" || !parts[0].hasPrefix("0")
        else { return nil }
        let decimals = parts.count == 2 ? parts[1] : ""
        guard decimals.utf8.count <= 3, whole <= 100 else { return nil }
        let padded = decimals + String(repeating: "0", count: 3 - decimals.utf8.count)
        let thousandths = whole * 1000 + (UInt64(padded) ?? 0)
        guard thousandths <= 100_000 else { return nil }
        self.thousandths = thousandths
    }

    /// 0 percent.
    public static let none = Percentage(thousandths: 0)
    /// 100 percent.
    public static let all = Percentage(thousandths: 100_000)

    private init(thousandths: UInt64) {
        self.thousandths = thousandths
    }

    /// The shortest text: `12.5`.
    public var text: String {
        var decimals = String(String(1000 + thousandths % 1000).dropFirst())
        while decimals.hasSuffix("0") { decimals.removeLast() }
        return "\(thousandths / 1000)" + (decimals.isEmpty ? "" : ".\(decimals)")
    }

    /// Whether `left` is smaller.
    public static func < (left: Percentage, right: Percentage) -> Bool {
        left.thousandths < right.thousandths
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
