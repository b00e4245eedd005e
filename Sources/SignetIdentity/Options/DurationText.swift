/// Durations as the configuration writes them: `^[0-9]+(ms|s|m|h|d)$`.
package enum DurationText {
    /// The units, from the shortest to the longest.
    package static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// The milliseconds of a text, or nil where it has another form or does not fit.
    package static func milliseconds(_ text: String) -> Int64? {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let suffix = text.dropFirst(digits.count)
        guard !digits.isEmpty, let unit = units.first(where: { $0.suffix == suffix }),
            let number = Int64(text.prefix(digits.count))
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
        return overflow ? nil : product
    }

    /// The shortest text of a number of milliseconds.
    package static func text(_ milliseconds: Int64) -> String {
        let unit = units.last { milliseconds >= $0.milliseconds && milliseconds % $0.milliseconds == 0 } ?? units[1]
        return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
    }
}
