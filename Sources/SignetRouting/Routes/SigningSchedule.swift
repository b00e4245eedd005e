import SignetIdentity
import SignetJOSE
import SignetSystem

/// Which of a connection's keys signs when: the first whose window contains the moment.
///
/// `signet keys rotate` makes a placeholder for a vendor's secret. A placeholder never signs next to a real key: the vendor would
/// refuse everything, and there would be no warning before the last real key ends.
public struct SigningSchedule: Sendable, Equatable {
    /// A stretch of time in which one key signs, or none does.
    public struct Period: Sendable, Equatable {
        /// Its first moment.
        public let start: NumericDate
        /// The name of the key; nil where none signs.
        public let key: String?
    }

    /// All of time, in order. Each period begins where the one before ends, and two neighbours differ.
    public let periods: [Period]

    /// Makes the schedule of keys, the preferred first.
    public init(_ keys: [NamedKey]) {
        let real = keys.filter { !PlaceholderSecret.isOne($0.key) }
        // With placeholders only, everything can be tried.
        self.init((real.isEmpty ? keys : real).map { ($0.name, $0.window) })
    }

    package init(_ windows: [(name: String, window: KeyWindow)]) {
        let bounds = windows.flatMap { [$0.window.notBefore, $0.window.notAfter].compactMap { $0 } }
        let starts = [NumericDate(seconds: .min)] + Set(bounds).sorted()
        var periods: [Period] = []
        for start in starts {
            let key = windows.first { $0.window.contains(start) }?.name
            if let last = periods.last, last.key == key { continue }
            periods.append(Period(start: start, key: key))
        }
        self.periods = periods
    }

    /// The index of the period that contains a moment.
    func index(at time: NumericDate) -> Int {
        periods.lastIndex { $0.start <= time } ?? 0
    }

    /// The name of the key that signs at a moment.
    public func key(at time: NumericDate) -> String? {
        periods[index(at: time)].key
    }

    /// The period after the one that contains a moment.
    public func change(after time: NumericDate) -> Period? {
        let next = index(at: time) + 1
        return next < periods.count ? periods[next] : nil
    }

    /// The period without a key that contains a moment, or else the next one; nil where some key always signs.
    public func gap(from time: NumericDate) -> Period? {
        periods[index(at: time)...].first { $0.key == nil }
    }

    /// The first moment from `time` on at which no key signs here and one does in another schedule.
    package func gap(from time: NumericDate, notIn other: SigningSchedule) -> NumericDate? {
        let starts = (periods + other.periods).map(\.start).filter { $0 > time }
        return ([time] + starts.sorted()).first { key(at: $0) == nil && other.key(at: $0) != nil }
    }
}

/// The next changes in a connection's schedule, for a warning in time.
package struct SigningOutlook: Sendable, Equatable {
    /// How long before a period without a key the outlook is urgent, in seconds: 30 days.
    package static let notice: Int64 = 30 * 86_400

    /// The key that signs now; nil where none does.
    package let key: String?
    /// The next period.
    package let next: SigningSchedule.Period
    /// The first moment at which no key signs, if there is one.
    package let gap: NumericDate?
    /// Whether that moment is near enough for a warning.
    package let isUrgent: Bool
    private let daysLeft: Int64?

    /// Looks ahead from a moment; nil where a key signs and nothing changes.
    package init?(_ schedule: SigningSchedule, at time: NumericDate) {
        let gap = schedule.gap(from: time)
        guard let next = schedule.change(after: time) ?? gap else { return nil }
        key = schedule.key(at: time)
        self.next = next
        self.gap = gap?.start
        // The first period begins at the smallest number. All others begin at a moment of a configuration.
        let left = gap.map { max(0, $0.start.seconds.subtractingReportingOverflow(time.seconds).partialValue) }
        isUrgent = key == nil || left.map { $0 <= Self.notice } ?? false
        daysLeft = left.map { $0 / 86_400 }
    }

    /// The outlook in words.
    package var text: String {
        guard let key else {
            return next.key.map { "nothing can sign for this connection until \(next.start.rfc3339), then \($0)" }
                ?? "nothing can sign for this connection any more"
        }
        let first = next.key.map { "\(key) signs until \(next.start.rfc3339), then \($0)" }
        guard let gap, let daysLeft else { return first ?? "" }
        let warning =
            isUrgent
            ? "\(Self.days(daysLeft)) nothing can sign for this connection (from \(gap.rfc3339) on)"
            : "from \(gap.rfc3339) on nothing can sign for this connection"
        return [first, warning].compactMap { $0 }.joined(separator: "; ")
    }

    private static func days(_ count: Int64) -> String {
        switch count {
        case 0: "in less than a day"
        case 1: "in a day"
        default: "in \(count) days"
        }
    }
}

extension KeyWindow {
    /// The window in words: `from 2027-01-01T00:00:00Z until 2028-01-01T00:00:00Z`.
    package var text: String {
        let start = notBefore.map { "from \($0.rfc3339)" }
        let end = notAfter.map { "until \($0.rfc3339)" }
        return [start, end].compactMap { $0 }.joined(separator: " ")
    }
}

/// A secret that `signet init` or `signet keys rotate` invented in the place of a vendor's.
package enum PlaceholderSecret {
    /// What every placeholder begins with. No vendor's secret does. Files in use have it, so it never changes.
    package static let prefix = "stand-in: "

    package static func isOne(_ secret: SecretBytes) -> Bool {
        secret.withUnsafeBytes { $0.starts(with: prefix.utf8) }
    }

    package static func isOne(_ key: SigningKey) -> Bool {
        if case .hs256(let key) = key { isOne(key.secret) } else { false }
    }
}
