import SignetIdentity
import SignetJOSE
import SignetSystem

/// A move from one connection to another, and the decision who is on which side: pure, and the same on every replica, in the
/// command and in the reference functions of docs/reference.
public struct Migration: Sendable {
    /// How far a move is, in this order.
    public enum Stage: String, Sendable, CaseIterable, Comparable {
        /// The old connection only.
        case off
        /// The old one is handed out; the new one is signed too and checked, and nobody sees it.
        case shadow
        /// Those in the percentage get the new one, and the old one where the new one fails.
        case live
        /// New conversations are at the new one; those that go on stay where they are.
        case rampdown
        /// The new connection only.
        case complete

        /// By how far the move is.
        public static func < (left: Stage, right: Stage) -> Bool {
            left.index < right.index
        }

        /// The place in the order, from 0.
        package var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// One of the two connections.
    public enum Side: String, Sendable, CaseIterable {
        /// The old connection.
        case from
        /// The new connection.
        case to
    }

    /// What keeps a customer on one side.
    public enum Stickiness: Sendable, Hashable {
        /// The company's id for the customer.
        case subject
        /// The visitor's id that the backend sends.
        case visitorID
        /// One of the customer's attributes.
        case attribute(String)

        /// As the configuration writes it.
        public var text: String {
            switch self {
            case .subject: "subject"
            case .visitorID: "visitorId"
            case .attribute(let name): "attributes.\(name)"
            }
        }

        /// Reads `subject`, `visitorId` or `attributes.X`.
        public init?(_ text: String) {
            switch text {
            case "subject": self = .subject
            case "visitorId": self = .visitorID
            default:
                guard case .attribute(let name)? = Source(text) else { return nil }
                self = .attribute(name)
            }
        }
    }

    /// A group with a percentage of its own.
    public struct Cohort: Sendable {
        /// The group's name.
        public let name: String
        /// What the request's context has to say.
        public let when: Condition
        /// The group's share.
        public let percent: Percentage

        /// Makes a group.
        public init(name: String, when: Condition, percent: Percentage) {
            self.name = name
            self.when = when
            self.percent = percent
        }
    }

    /// The old connection.
    public var from: String
    /// The new connection.
    public var to: String
    /// How far the move is.
    public var stage: Stage
    /// The share that gets the new connection in ``Stage/live``.
    public var percent: Percentage
    /// What keeps a customer on one side.
    public var stickiness: Stickiness
    /// What makes this move's buckets its own; the same salt gives the same buckets.
    public let salt: String
    /// Groups with a percentage of their own; the first whose condition holds counts.
    public var cohorts: [Cohort]
    /// The side of strangers without a visitor's id in ``Stage/live``.
    public var anonymous: Side
    /// Customers whose side is fixed in ``Stage/live``.
    public var pins: PinnedSubjects
    /// How long the new connection may take before the old one is handed out, in milliseconds.
    public var fallbackAfter: Int64

    /// The salt and the colon after it.
    private let prefix: [UInt8]

    /// Makes a move.
    ///
    /// - Parameter salt: The route's name, unless brands share one.
    public init(
        from: String, to: String, stage: Stage, percent: Percentage = .none, salt: String,
        stickiness: Stickiness = .subject, cohorts: [Cohort] = [], anonymous: Side = .from,
        pins: PinnedSubjects = PinnedSubjects(), fallbackAfter: Int64 = 3000
    ) {
        self.from = from
        self.to = to
        self.stage = stage
        self.percent = percent
        self.stickiness = stickiness
        self.salt = salt
        self.cohorts = cohorts
        self.anonymous = anonymous
        self.pins = pins
        self.fallbackAfter = fallbackAfter
        prefix = Array(salt.utf8) + [UInt8(ascii: ":")]
    }

    /// The connection of a side.
    public func connection(of side: Side) -> String {
        side == .from ? from : to
    }

    /// Who is on which side, and why.
    public func decide(_ query: RouteQuery) -> Decision {
        let cohort = cohorts.first { $0.when.holds(for: query.context) }
        func decision(_ side: Side, _ reason: Reason, bucket: Bucket? = nil) -> Decision {
            Decision(
                stage: stage, side: side, reason: reason, cohort: cohort?.name,
                percent: cohort?.percent ?? percent, bucket: bucket)
        }
        switch stage {
        case .off, .shadow: return decision(.from, .stage)
        case .complete: return decision(.to, .stage)
        case .rampdown, .live:
            if let side = side(ofOngoing: query.ongoing) { return decision(side, .ongoing) }
            if stage == .rampdown { return decision(.to, .stage) }
        }
        if let side = pins.side(of: query.identity) { return decision(side, .pin) }
        switch value(of: query) {
        case .none(let reason): return decision(reason == .anonymous ? anonymous : .from, reason)
        case .some(let value):
            let bucket = Bucket(of: prefix, value)
            let isIn = bucket.isIn(cohort?.percent ?? percent)
            return decision(isIn ? .to : .from, cohort == nil ? .percent : .cohort, bucket: bucket)
        }
    }

    /// The connection that a conversation is going on at. What names neither is not looked at.
    private func side(ofOngoing ongoing: String?) -> Side? {
        guard let ongoing else { return nil }
        return Side.allCases.first { connection(of: $0).hasSameBytes(as: ongoing) }
    }

    /// What is hashed, or why there is nothing to hash.
    private enum Value {
        case some(String)
        case none(Reason)
    }

    private func value(of query: RouteQuery) -> Value {
        guard case .customer(let customer) = query.identity else {
            // A stranger has nothing but the visitor's id, whatever customers are told apart by.
            return query.visitorID.map(Value.some) ?? .none(.anonymous)
        }
        let value =
            switch stickiness {
            case .subject: customer.subject
            case .visitorID: query.visitorID
            case .attribute(let name): customer.attributes[name]
            }
        return value.map(Value.some) ?? .none(.missing)
    }
}
