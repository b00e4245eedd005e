import SignetIdentity

/// Which of a connection's keys signs when: the first whose window holds the moment.
///
/// A placeholder for a vendor's secret, as `signet keys rotate` makes it, never signs beside a key that is none: the vendor would
/// refuse everything, and nobody would be told in time that the last key ends.
public struct SigningSchedule: Sendable, Equatable {
    /// A stretch of time in which one key signs, or none does.
    public struct Period: Sendable, Equatable {
        /// The first moment of it.
        public let start: NumericDate
        /// The name of the key; nil where none signs.
        public let key: String?
    }

    /// All of time, in order. Each begins where the one before ends, and two neighbours differ.
    public let periods: [Period]

    /// Takes keys in the order in which they are preferred.
    public init(_ keys: [NamedKey]) {
        let real = keys.filter { !StandInSecret.isOne($0.key) }
        // Where there are only placeholders, everything is to be tried with them.
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

    /// The number of the period that a moment is in.
    func index(at time: NumericDate) -> Int {
        periods.lastIndex { $0.start <= time } ?? 0
    }

    /// The name of the key that signs at a moment.
    public func key(at time: NumericDate) -> String? {
        periods[index(at: time)].key
    }

    /// What comes after the period that a moment is in.
    public func change(after time: NumericDate) -> Period? {
        let next = index(at: time) + 1
        return next < periods.count ? periods[next] : nil
    }

    /// The period without a key that a moment is in, or else the next; nil where some key always signs.
    public func gap(from time: NumericDate) -> Period? {
        periods[index(at: time)...].first { $0.key == nil }
    }

    /// The first moment from `time` on at which no key signs, and one does by another schedule.
    package func gap(from time: NumericDate, notIn other: SigningSchedule) -> NumericDate? {
        let starts = (periods + other.periods).map(\.start).filter { $0 > time }
        return ([time] + starts.sorted()).first { key(at: $0) == nil && other.key(at: $0) != nil }
    }
}
