import SignetIdentity

/// When a warning was last logged that is repeated once a day.
struct DailyWarning {
    private static let interval: Int64 = 86_400

    private var last: NumericDate?

    /// Whether the warning is due. Then it is due again a day later.
    mutating func isDue(at time: NumericDate) -> Bool {
        if let last, time < last.advanced(by: Self.interval) { return false }
        last = time
        return true
    }
}
