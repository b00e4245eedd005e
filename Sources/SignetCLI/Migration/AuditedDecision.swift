import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// The migration decision in one line of an audit file.
struct AuditedDecision: Sendable {
    /// The kinds of lines.
    enum Line: Sendable {
        /// A line of another route, with its name.
        case other(String)
        /// A line of the route without a decision: it had no migration then.
        case undecided
        /// A line of the route with a decision.
        case decided(AuditedDecision)
        /// A line without a request. It reports which earlier lines were refused, if any were.
        case resumed(ClosedRange<Int64>?, chain: ByteString)
        /// Not a line that the gateway writes.
        case damaged
    }

    /// Its UTC day, as `2026-01-31`.
    let day: String
    let side: Migration.Side
    let reason: Migration.Reason
    /// The customer's tag; nil for an anonymous visitor.
    let customer: CustomerTag?
    /// The time of the line.
    let moment: AuditMoment
    /// The request of the line.
    let request: RequestMark
    /// The chain and the number of the line in it.
    let chain: ByteString
    let sequence: Int64
    private let second: Int64

    /// A request's id in eight bytes. Among 100,000 requests, two have the same with a probability of one in a billion.
    struct RequestMark: Hashable, Sendable {
        private let hash: Int

        init(_ text: String) {
            hash = ByteString(text).hashValue
        }
    }

    /// Whether it was written before another line of the same request.
    func isBefore(_ other: AuditedDecision) -> Bool {
        (second, sequence) < (other.second, other.sequence)
    }

    /// Reads a line. The chain is not verified. The members that are used have to be present and valid.
    static func read(_ line: LineReader.Line, of route: String) -> Line {
        guard case .text(let bytes) = line, let json = try? JSONReader.value(bytes), json["v"]?.integer == 1,
            let text = json["time"]?.string, let time = NumericDate(rfc3339: text),
            let sequence = json["seq"]?.integer, let chain = json["chain"]?.string
        else { return .damaged }
        if json["event"]?.string == "resumed" {
            guard let first = json["refusedFrom"]?.integer, let last = json["refusedTo"]?.integer, first <= last else {
                return .resumed(nil, chain: ByteString(chain))
            }
            return .resumed(first...last, chain: ByteString(chain))
        }
        guard let name = json["route"]?.string, let request = json["requestId"]?.string, let tag = json["subjectTag"]
        else { return .damaged }
        guard name.hasSameBytes(as: route) else { return .other(name) }
        guard let decision = json["decision"] else { return .undecided }
        guard let side = decision["side"]?.string.flatMap(Migration.Side.init),
            let reason = decision["reason"]?.string.flatMap(Migration.Reason.init)
        else { return .damaged }
        var customer: CustomerTag?
        if tag != .null {
            guard let text = tag.string else { return .damaged }
            customer = CustomerTag(text)
        }
        return .decided(
            AuditedDecision(
                day: String(text.prefix(10)), side: side, reason: reason, customer: customer,
                moment: AuditMoment(second: time.seconds, chain: chain, sequence: sequence),
                request: RequestMark(request), chain: ByteString(chain), sequence: sequence, second: time.seconds))
    }
}

/// A customer in the audit: the 128 bits of a keyed digest.
struct CustomerTag: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// Reads a tag. For a tag of another form, from another program, its digest is used.
    init(_ text: String) {
        var bytes = (try? Base64URL.decode(text)) ?? []
        if bytes.count != 16 { bytes = SHA256.digest(Array(text.utf8)) }
        high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// The time of a line in eight bytes. Within a second, only lines of the same chain have an order.
struct AuditMoment: Sendable, Hashable, Comparable {
    /// The second of the day, then a hash of the chain, then the lower bits of the line's number.
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

    /// Whether it was before another time of the same day. False for the same second in different chains.
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
