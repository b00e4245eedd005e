import SignetIdentity
import SignetJOSE
import SignetSystem

/// A migration of a route from one connection to another, and the decision which side a customer is on.
///
/// The decision is pure: it is the same on every replica, in the command and in the reference functions of docs/reference.
public struct Migration: Sendable {
    /// The stages, in their order.
    public enum Stage: String, Sendable, CaseIterable, Comparable {
        /// The old connection only.
        case off
        /// The old one is handed out. The new one is signed and checked too, but not handed out.
        case shadow
        /// Customers in the percentage get the new one, and the old one if the new one fails.
        case live
        /// New conversations get the new one. Ongoing ones stay where they are.
        case rampdown
        /// The new connection only.
        case complete

        /// An earlier stage is less than a later one.
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

        /// The text in the configuration.
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
        /// The condition on the request's context.
        public let when: Condition
        /// The group's percentage.
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
    /// The stage.
    public var stage: Stage
    /// The percentage of customers who get the new connection in ``Stage/live``.
    public var percent: Percentage
    /// What keeps a customer on one side.
    public var stickiness: Stickiness
    /// Makes this migration's buckets its own. The same salt gives the same buckets.
    public let salt: String
    /// Groups with a percentage of their own. The first whose condition holds counts.
    public var cohorts: [Cohort]
    /// The side of anonymous visitors without a visitor id in ``Stage/live``.
    public var anonymous: Side
    /// Customers whose side is fixed in ``Stage/live``.
    public var pins: PinnedSubjects
    /// How long the new connection may take before the old one is handed out, in milliseconds.
    public var fallbackAfter: Int64
    /// ``fallbackAfter`` where it is left out.
    public static let defaultFallback: Int64 = 3_000

    /// The salt and the colon after it.
    private let prefix: [UInt8]

    /// Makes a migration.
    ///
    /// - Parameter salt: The route's name, unless brands share a salt.
    public init(
        from: String, to: String, stage: Stage, percent: Percentage = .none, salt: String,
        stickiness: Stickiness = .subject, cohorts: [Cohort] = [], anonymous: Side = .from,
        pins: PinnedSubjects = PinnedSubjects(), fallbackAfter: Int64 = defaultFallback
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

    /// The side of a request, and why.
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
            let bucket = Bucket(prefix: prefix, value: value)
            let isIn = bucket.isIn(cohort?.percent ?? percent)
            return decision(isIn ? .to : .from, cohort == nil ? .percent : .cohort, bucket: bucket)
        }
    }

    /// The side of an ongoing conversation. A name of neither connection is ignored.
    private func side(ofOngoing ongoing: String?) -> Side? {
        guard let ongoing else { return nil }
        return Side.allCases.first { connection(of: $0).hasSameBytes(as: ongoing) }
    }

    /// The value to hash, or why there is none.
    private enum Value {
        case some(String)
        case none(Reason)
    }

    private func value(of query: RouteQuery) -> Value {
        guard case .customer(let customer) = query.identity else {
            // An anonymous visitor has only the visitor id, whatever the stickiness is.
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
