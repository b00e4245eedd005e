import SignetIdentity

/// The `Retry-After` header field (RFC 9110 §10.2.3): seconds, or a date as IMF-fixdate (§5.6.7).
package enum RetryAfter {
    /// No vendor is waited for longer than this; a larger number says no more.
    private static let longest: Int64 = 86_400

    /// In how many seconds to ask again, or nil for what is neither. The two obsolete forms of dates are not read.
    package static func seconds(_ field: String, at now: NumericDate) -> Int64? {
        let text = field.trimming { $0 == " " || $0 == "\t" }
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            return min(Int64(text) ?? longest, longest)
        }
        guard let date = date(text) else { return nil }
        return min(max(date.seconds - now.seconds, 0), longest)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`. The day's name adds nothing and is not looked at.
    private static func date(_ text: String) -> NumericDate? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].utf8.count == 4, parts[0].hasSuffix(","), parts[5] == "GMT",
            let month = months.firstIndex(where: { parts[2] == $0 })
        else { return nil }
        let number = month + 1 < 10 ? "0\(month + 1)" : "\(month + 1)"
        return NumericDate(rfc3339: "\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }
}

extension String {
    fileprivate func trimming(_ isBlank: (Character) -> Bool) -> String {
        let start = drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(start[...last])
    }
}
