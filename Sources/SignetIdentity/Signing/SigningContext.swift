import SignetJOSE

/// The circumstances of one signature.
public struct SigningContext: Sendable {
    /// The time of signing.
    public var time: NumericDate
    /// The id of the request.
    public var requestID: String
    /// The requested route; nil if a connection was requested by name.
    public var route: String?
    /// The purpose of a token that is bound to a session. Vendors without sessions ignore it.
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

/// Makes request ids: random UUIDs (RFC 9562 §5.4).
public enum RequestID {
    /// A new id.
    public static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return String(unsafeUninitializedCapacity: 36) { text in
            var digit: UInt64 = 0
            for index in 0..<36 {
                if [8, 13, 18, 23].contains(index) {
                    text[index] = UInt8(ascii: "-")
                } else {
                    let half = digit < 16 ? high : low
                    text[index] = Hexadecimal.character(UInt8(half >> (60 - digit % 16 * 4) & 0xF))
                    digit += 1
                }
            }
            return 36
        }
    }
}
