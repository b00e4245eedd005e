import SignetRouting

/// One UTC day of a move: what was signed, and for whom.
///
/// Customers are told apart exactly, so memory goes with how many there were on the day, some 100 bytes each, and not with the
/// lines.
struct MoveDay: Sendable {
    /// What was signed on a side for a reason.
    struct Row: Sendable {
        let side: Migration.Side
        let reason: Migration.Reason
        let signed: Int
        let customers: Int
    }

    /// What is known of a customer.
    private struct Customer: Sendable {
        /// A bit for each side and reason.
        var places: UInt16 = 0
        /// When they were first at the new connection.
        var firstNew = AuditMoment.never
        /// When they were last put to the old one by a decision of the move.
        var lastOld = AuditMoment.beforeAll

        mutating func note(_ line: AuditedSide, at place: Int) {
            places |= 1 << place
            switch (line.side, line.reason) {
            case (.to, _): firstNew = min(firstNew, line.moment)
            case (.from, .fallback), (.from, .ongoing): break
            case (.from, _): lastOld = max(lastOld, line.moment)
            }
        }
    }

    private static let reasons = Migration.Reason.allCases
    private var signed = Array(repeating: 0, count: 2 * reasons.count)
    private var customers: [CustomerTag: Customer] = [:]

    /// What was signed for the new side and sent to its vendor, and not handed out: that failed, and the old one was.
    private(set) var notHandedOut = 0

    mutating func addNotHandedOut() {
        notHandedOut += 1
    }

    mutating func add(_ line: AuditedSide) {
        let place = Self.place(line.side, line.reason)
        signed[place] += 1
        guard let tag = line.customer else { return }
        customers[tag, default: Customer()].note(line, at: place)
    }

    private static func place(_ side: Migration.Side, _ reason: Migration.Reason) -> Int {
        (reasons.firstIndex(of: reason) ?? 0) + (side == .to ? reasons.count : 0)
    }

    // MARK: Figures

    /// Everything that was signed and handed out.
    var signedCount: Int { signed.reduce(0, +) }
    /// How many customers it was signed for.
    var customerCount: Int { customers.count }

    /// What was handed out because the new connection failed.
    var fallbacks: Int { signed[Self.place(.from, .fallback)] }

    /// Customers who were on both sides; whom the new connection failed has changed none.
    var changedSides: Int {
        let old: UInt16 = 1 << Self.reasons.count - 1
        let fallback: UInt16 = 1 << Self.place(.from, .fallback)
        return customers.values.count { $0.places & old & ~fallback != 0 && $0.places & ~old != 0 }
    }

    /// Customers whom a decision put back to the old connection after they had been at the new one: no fallback, and no
    /// conversation that went on there.
    var movedBack: Int {
        customers.values.count { $0.firstNew.isCertainlyBefore($0.lastOld) }
    }

    /// What was signed, the new side first.
    var rows: [Row] {
        Migration.Side.allCases.reversed().flatMap { side in
            Self.reasons.compactMap { reason in
                let place = Self.place(side, reason)
                guard signed[place] > 0 else { return nil }
                let count = customers.values.count { $0.places & 1 << place != 0 }
                return Row(side: side, reason: reason, signed: signed[place], customers: count)
            }
        }
    }
}
