import SignetIdentity

/// Regular expressions for durations within limits, as the JSON Schema has them.
enum DurationPattern {
    /// The pattern of durations of so many milliseconds: for each unit, the whole numbers that lie within.
    static func text(_ range: ClosedRange<Int64>) -> String {
        let units = DurationText.units.compactMap { unit -> String? in
            let low = (range.lowerBound + unit.milliseconds - 1) / unit.milliseconds
            let high = range.upperBound / unit.milliseconds
            return low <= high ? "(?:\(numbers(low, high)))\(unit.suffix)" : nil
        }
        return "^0*(?:\(units.joined(separator: "|")))$"
    }

    /// The numbers of a range, by their count of digits.
    private static func numbers(_ low: Int64, _ high: Int64) -> String {
        var found: [String] = []
        var (start, end): (Int64, Int64) = (0, 9)
        while start <= high {
            let (from, to) = (max(low, start), min(high, end))
            if from <= to { found += numbers(digits(from)[...], digits(to)[...]) }
            (start, end) = (end + 1, end * 10 + 9)
        }
        return found.joined(separator: "|")
    }

    /// The same for numbers of one length: each alternative is a first digit, or a range of them, and what can follow.
    private static func numbers(_ low: ArraySlice<Int64>, _ high: ArraySlice<Int64>) -> [String] {
        guard let first = low.first, let last = high.first else { return [""] }
        let (lowRest, highRest) = (low.dropFirst(), high.dropFirst())
        let (startsFull, endsFull) = (lowRest.allSatisfy { $0 == 0 }, highRest.allSatisfy { $0 == 9 })
        if first == last && !(startsFull && endsFull) { return numbers(lowRest, highRest).map { "\(first)\($0)" } }
        let nines = [Int64](repeating: 9, count: lowRest.count)[...]
        let zeros = [Int64](repeating: 0, count: lowRest.count)[...]
        var found = startsFull ? [] : numbers(lowRest, nines).map { "\(first)\($0)" }
        let (from, to) = (startsFull ? first : first + 1, endsFull ? last : last - 1)
        if from <= to {
            let any = lowRest.isEmpty ? "" : lowRest.count == 1 ? "[0-9]" : "[0-9]{\(lowRest.count)}"
            found.append((from == to ? "\(from)" : "[\(from)-\(to)]") + any)
        }
        return found + (endsFull ? [] : numbers(zeros, highRest).map { "\(last)\($0)" })
    }

    private static func digits(_ number: Int64) -> [Int64] {
        String(number).utf8.map { Int64($0 - UInt8(ascii: "0")) }
    }
}
