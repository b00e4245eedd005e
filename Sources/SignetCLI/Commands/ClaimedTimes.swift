import SignetIdentity
import SignetJOSE

/// The times of a token's payload in words: `2026-01-31T12:00:00Z, expired 5 minutes ago`.
enum ClaimedTimes {
    /// A member for each of `iat`, `nbf` and `exp` that is a number.
    static func members(of payload: JSONValue, at now: NumericDate) -> [JSONMember] {
        ["iat", "nbf", "exp"].compactMap { claim in
            guard let value = payload[claim], case .number = value else { return nil }
            return JSONMember(claim, .string(words(claim, value, now)))
        }
    }

    private static func words(_ claim: String, _ value: JSONValue, _ now: NumericDate) -> String {
        guard let seconds = NumericDate(claim: value)?.seconds, seconds >= 0 else {
            return "no time that anybody writes"
        }
        let end = NumericDate.endOfClaims.seconds
        guard seconds < end else {
            let isThousandfold = (1_000_000_000..<end).contains(seconds / 1000)
            return isThousandfold
                ? "milliseconds: \(NumericDate(seconds: seconds / 1000).rfc3339), and a token's times are seconds"
                : "beyond the year 2100"
        }
        return "\(NumericDate(seconds: seconds).rfc3339), \(relation(claim, seconds, now.seconds))"
    }

    private static func relation(_ claim: String, _ seconds: Int64, _ now: Int64) -> String {
        let isPast = seconds <= now
        let length = duration(isPast ? now - seconds : seconds - now)
        switch (claim, isPast) {
        case ("exp", true): return "expired \(length) ago"
        case ("exp", false): return "expires in \(length)"
        case ("nbf", true): return "valid since \(length) ago"
        case ("nbf", false): return "not valid yet: in \(length)"
        case (_, true): return "\(length) ago"
        case (_, false): return "in the future: in \(length)"
        }
    }

    private static func duration(_ seconds: Int64) -> String {
        let units: [(name: String, seconds: Int64)] = [("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)]
        let unit = units.first { seconds >= $0.seconds } ?? units[3]
        let count = seconds / unit.seconds
        return "\(count) \(unit.name)\(count == 1 ? "" : "s")"
    }
}
