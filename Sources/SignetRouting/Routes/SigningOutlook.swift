import SignetIdentity

/// What lies ahead of a connection's keys, told in time for somebody to make another.
package struct SigningOutlook: Sendable, Equatable {
    /// How long before there is no key left that is told as a warning, in seconds: 30 days.
    package static let notice: Int64 = 30 * 86_400

    /// The key that signs now; nil where none does.
    package let key: String?
    /// The end of that: the moment, and the key that signs then, if one does.
    package let next: SigningSchedule.Period
    /// The first moment from which on no key signs, if there is one.
    package let gap: NumericDate?
    /// Whether that is near enough for a warning.
    package let isUrgent: Bool
    private let daysLeft: Int64?

    /// Looks ahead from a moment; nothing where all stays as it is, and signs.
    package init?(_ schedule: SigningSchedule, at time: NumericDate) {
        let gap = schedule.gap(from: time)
        let current = schedule.periods[schedule.index(at: time)]
        guard let next = schedule.change(after: time) ?? gap else { return nil }
        key = current.key
        self.next = next
        self.gap = gap?.start
        // Periods begin at moments that a configuration can write, but for the first.
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
