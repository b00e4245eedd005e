/// The circumstances of one signature.
public struct SigningContext: Sendable {
    /// The moment of signing.
    public var time: NumericDate
    /// The id of the request that asks.
    public var requestID: String
    /// The route that was asked for, if it was one.
    public var route: String?
    /// What a token that is bound to a session is for. Vendors without sessions do not look at it.
    public var session: SessionPurpose?

    /// Makes a context.
    public init(
        time: NumericDate = .now, requestID: String = RequestID.make(), route: String? = nil,
        session: SessionPurpose? = nil
    ) {
        self.time = time
        self.requestID = requestID
        self.route = route
        self.session = session
    }
}

/// What a token that is bound to a session is for.
public enum SessionPurpose: Sendable, Equatable {
    /// To make a session.
    case create
    /// To send something for a session that exists.
    case existing(SessionID)
}

/// Ids of requests: a random UUID (RFC 9562 §5.4).
public enum RequestID {
    /// A fresh id.
    public static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let digits = [high, low].map { half -> String in
            let text = String(half, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }.joined()
        var uuid = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { uuid.append("-") }
            uuid.append(digit)
        }
        return uuid
    }
}
