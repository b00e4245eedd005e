import SignetIdentity

extension Migration {
    /// Why somebody is on a side.
    public enum Reason: String, Sendable, CaseIterable {
        /// The stage leaves no choice.
        case stage
        /// By the percentage.
        case percent
        /// By the percentage of a cohort.
        case cohort
        /// The customer is pinned.
        case pin
        /// A conversation goes on there.
        case ongoing
        /// A stranger without a visitor's id.
        case anonymous
        /// What the stickiness asks for was not sent.
        case missing
        /// The new connection failed or was too slow.
        case fallback
    }

    /// Who is on which side, and why.
    public struct Decision: Sendable, Equatable {
        /// How far the move is.
        public let stage: Stage
        /// The side.
        public var side: Side
        /// Why.
        public var reason: Reason
        /// The cohort whose condition holds, by its name.
        public let cohort: String?
        /// The percentage that counts, the cohort's or the route's.
        public let percent: Percentage
        /// Where the customer falls, if that was asked.
        public let bucket: Bucket?

        /// The reason as a sentence. It names nobody.
        public var text: String {
            let whose = cohort.map { " of cohort \"\($0)\"" } ?? ""
            switch reason {
            case .stage: return "the move is at \"\(stage.rawValue)\""
            case .percent, .cohort:
                let place = bucket.map { "bucket \($0.number) of 100000" } ?? "the bucket"
                let relation = side == .to ? "is in" : "is not in"
                return "\(place) \(relation) the \(percent.text) %\(whose)"
            case .pin: return "the customer is pinned"
            case .ongoing: return "a conversation goes on there"
            case .anonymous: return "a stranger without a visitorId"
            case .missing: return "what the stickiness reads was not sent"
            case .fallback: return "the new connection failed or was too slow"
            }
        }
    }
}
