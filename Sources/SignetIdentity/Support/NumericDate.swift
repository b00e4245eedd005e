import SignetJOSE

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A moment in whole seconds since 1970-01-01T00:00:00Z, leap seconds left out: RFC 7519 §2's NumericDate without fraction.
public struct NumericDate: Sendable, Hashable, Comparable {
    /// The seconds.
    public let seconds: Int64

    /// A moment by its seconds.
    public init(seconds: Int64) {
        self.seconds = seconds
    }

    /// The moment of the call, its fraction cut off.
    public static var now: NumericDate {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return NumericDate(seconds: Int64(time.tv_sec))
    }

    /// Reads an RFC 3339 time in UTC and whole seconds, `2026-01-31T12:00:00Z`, and nothing else.
    public init?(rfc3339 text: String) {
        let digits = Array(text.utf8)
        let pattern = Array("0000-00-00T00:00:00Z".utf8)
        guard digits.count == pattern.count else { return nil }
        for (byte, wanted) in zip(digits, pattern) {
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            guard wanted == UInt8(ascii: "0") ? isDigit : byte == wanted else { return nil }
        }
        func number(_ range: Range<Int>) -> Int32 {
            digits[range].reduce(0) { $0 * 10 + Int32($1 - UInt8(ascii: "0")) }
        }
        var fields = tm()
        fields.tm_year = number(0..<4) - 1900
        fields.tm_mon = number(5..<7) - 1
        fields.tm_mday = number(8..<10)
        fields.tm_hour = number(11..<13)
        fields.tm_min = number(14..<16)
        fields.tm_sec = number(17..<19)
        let date = NumericDate(seconds: Int64(timegm(&fields)))
        // timegm takes 31 February for 3 March; what does not come back the same was no date.
        guard date.rfc3339.hasSameBytes(as: text) else { return nil }
        self = date
    }

    /// The seconds of the years 0000 to 9999, which are all that RFC 3339 can write.
    private static let writable: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

    /// The moment in RFC 3339, UTC, whole seconds: `2026-01-31T12:00:00Z`; outside the years 0000 to 9999 their nearer end.
    public var rfc3339: String {
        var time = time_t(min(max(seconds, Self.writable.lowerBound), Self.writable.upperBound))
        var fields = tm()
        gmtime_r(&time, &fields)
        func digits(_ value: Int32, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        let date = "\(digits(fields.tm_year + 1900, 4))-\(digits(fields.tm_mon + 1, 2))-\(digits(fields.tm_mday, 2))"
        return "\(date)T\(digits(fields.tm_hour, 2)):\(digits(fields.tm_min, 2)):\(digits(fields.tm_sec, 2))Z"
    }

    /// The order of time.
    public static func < (left: NumericDate, right: NumericDate) -> Bool {
        left.seconds < right.seconds
    }

    /// The moment some seconds later, or earlier; the far ends of time stay where they are.
    public func advanced(by seconds: Int64) -> NumericDate {
        let (sum, overflow) = self.seconds.addingReportingOverflow(seconds)
        return NumericDate(seconds: overflow ? (seconds < 0 ? .min : .max) : sum)
    }
}
