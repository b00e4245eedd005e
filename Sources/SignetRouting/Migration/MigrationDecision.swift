import SignetIdentity

extension Migration {
    /// Why a request is on a side.
    public enum Reason: String, Sendable, CaseIterable {
        /// The stage decides.
        case stage
        /// The percentage decides.
        case percent
        /// The percentage of a cohort decides.
        case cohort
        /// The customer is pinned.
        case pin
        /// The page has an ongoing conversation there.
        case ongoing
        /// An anonymous visitor without a visitor id.
        case anonymous
        /// The request lacks the value that the stickiness names.
        case missing
        /// The new connection failed or was too slow.
        case fallback
    }

    /// The side of a request, and why.
    public struct Decision: Sendable, Equatable {
        /// The migration's stage.
        public let stage: Stage
        /// The side.
        public var side: Side
        /// Why it is this side.
        public var reason: Reason
        /// The name of the cohort whose condition holds.
        public let cohort: String?
        /// The percentage that counts, the cohort's or the route's.
        public let percent: Percentage
        /// The customer's bucket, where it decides.
        public let bucket: Bucket?

        /// The reason as a sentence. It does not name the customer.
        public var text: String {
            let suffix = cohort.map { " of cohort \"\($0)\"" } ?? ""
            switch reason {
            case .stage: return "the migration's stage is \"\(stage.rawValue)\""
            case .percent, .cohort:
                let place = bucket.map { "bucket \($0.number) of 100000" } ?? "the bucket"
                let relation = side == .to ? "is in" : "is not in"
                return "\(place) \(relation) the \(percent.text) %\(suffix)"
            case .pin: return "the customer is pinned"
            case .ongoing: return "the page has an ongoing conversation there"
            case .anonymous: return "an anonymous visitor without a visitorId"
            case .missing: return "the value that \"stickiness\" names was not sent"
            case .fallback: return "the new connection failed or was too slow"
            }
        }
    }
}
