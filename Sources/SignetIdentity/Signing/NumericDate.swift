import SignetJOSE
import SignetSystem

/// A time in whole seconds since 1970-01-01T00:00:00Z without leap seconds: a NumericDate (RFC 7519 §2) without fraction.
public struct NumericDate: Sendable, Hashable, Comparable {
    /// The seconds.
    public let seconds: Int64

    /// Makes a time from its seconds.
    public init(seconds: Int64) {
        self.seconds = seconds
    }

    /// The first second after the year 2100. A later claim is taken for milliseconds: no token lives that long.
    package static let endOfClaims = NumericDate(seconds: 4_133_980_800)

    /// The current time, without its fraction.
    public static var now: NumericDate {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return NumericDate(seconds: Int64(time.tv_sec))
    }

    /// Reads a NumericDate claim: any JSON number, without its fraction.
    package init?(claim: JSONValue?) {
        guard case .number(let number)? = claim else { return nil }
        seconds = number.integerPart
    }

    /// Reads an RFC 3339 time in UTC and whole seconds, `2026-01-31T12:00:00Z`. Other forms are refused.
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
        // timegm turns 31 February into 3 March, so a date that is written differently did not exist.
        guard date.rfc3339.hasSameBytes(as: text) else { return nil }
        self = date
    }

    /// The seconds of the years 0000 to 9999, the range of RFC 3339.
    private static let writable: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

    /// The time in RFC 3339, UTC, whole seconds: `2026-01-31T12:00:00Z`. A time outside the years 0000 to 9999 becomes their
    /// first or last second.
    public var rfc3339: String { rfc3339(milliseconds: nil) }

    /// The same with a fraction: `2026-01-31T12:00:00.250Z`.
    package func rfc3339(milliseconds: Int64?) -> String {
        // Every audit line and badge has two of these, so this makes one String and does not call the C library.
        let fromYearZero =
            min(max(seconds, Self.writable.lowerBound), Self.writable.upperBound) - Self.writable.lowerBound
        let second = fromYearZero % 86_400
        // Years start in March here, so that a leap day is a year's last day. Eras of 400 years, from March of the year -400,
        // are all alike.
        let day = fromYearZero / 86_400 + 146_037
        let dayOfEra = day % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let isNextYear = monthFromMarch >= 10
        let month = isNextYear ? monthFromMarch - 9 : monthFromMarch + 3
        let year = day / 146_097 * 400 + yearOfEra + (isNextYear ? 1 : 0) - 400
        return String(unsafeUninitializedCapacity: 24) { text in
            _ = text.initialize(from: "0000-00-00T00:00:00.000Z".utf8)
            func put(_ value: Int64, _ width: Int, at index: Int) {
                var rest = value
                for place in (index..<(index + width)).reversed() {
                    text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
            }
            put(year, 4, at: 0)
            put(month, 2, at: 5)
            put(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, 2, at: 8)
            put(second / 3600, 2, at: 11)
            put(second / 60 % 60, 2, at: 14)
            put(second % 60, 2, at: 17)
            if let milliseconds {
                put(milliseconds, 3, at: 20)
                return 24
            }
            text[19] = UInt8(ascii: "Z")
            return 20
        }
    }

    /// Whether `left` is earlier.
    public static func < (left: NumericDate, right: NumericDate) -> Bool {
        left.seconds < right.seconds
    }

    /// The time some seconds later, or earlier for a negative number. A sum beyond 64 bits becomes the last or first second.
    public func advanced(by seconds: Int64) -> NumericDate {
        let (sum, overflow) = self.seconds.addingReportingOverflow(seconds)
        return NumericDate(seconds: overflow ? (seconds < 0 ? .min : .max) : sum)
    }
}
