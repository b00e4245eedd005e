/// When a line was written, in eight bytes. Within a second only lines of one chain have an order.
struct AuditMoment: Sendable, Hashable, Comparable {
    /// The second of the day; then a mark of the chain; then the lower bits of the line's number.
    private let packed: UInt64

    private static let sequenceBits: UInt64 = 31
    private static let chainBits: UInt64 = 16

    /// Before every line.
    static let beforeAll = AuditMoment(packed: .min)
    /// After every line.
    static let never = AuditMoment(packed: .max)

    private init(packed: UInt64) {
        self.packed = packed
    }

    init(second: Int64, chain: String, sequence: Int64) {
        let mark = chain.utf8.reduce(0) { ($0 &* 31 &+ UInt64($1)) & (1 << Self.chainBits - 1) }
        let number = UInt64(truncatingIfNeeded: sequence) & (1 << Self.sequenceBits - 1)
        let secondOfDay = UInt64(truncatingIfNeeded: second % 86_400 + 86_400) % 86_400
        self.init(packed: (secondOfDay << Self.chainBits | mark) << Self.sequenceBits | number)
    }

    /// Whether it was before another one of the same day; not of lines of one second in different chains.
    func isCertainlyBefore(_ other: AuditMoment) -> Bool {
        let (place, otherPlace) = (packed >> Self.sequenceBits, other.packed >> Self.sequenceBits)
        if place == otherPlace { return packed < other.packed }
        return place >> Self.chainBits < otherPlace >> Self.chainBits
    }

    /// By time, and within a second in any order.
    static func < (left: AuditMoment, right: AuditMoment) -> Bool {
        left.packed < right.packed
    }
}
