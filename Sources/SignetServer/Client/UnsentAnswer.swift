import SignetGateway

/// An answer of which the client has not taken every byte.
struct UnsentAnswer {
    /// The result of sending.
    enum Progress {
        case complete
        /// The client takes no more now. `isSlow` is false where it has taken enough since the last time to get more time.
        case blocked(isSlow: Bool)
        case failed
    }

    private let head: [UInt8]
    private let body: [UInt8]
    private var sent = 0
    /// The number of sent bytes at which the client gets more time.
    private var milestone = UnsentAnswer.window
    /// The response; nil for a 100.
    let response: GatewayResponse?

    /// A client that takes this many bytes gets a new deadline for the rest.
    private static let window = 262_144

    init(head: [UInt8], body: [UInt8] = [], response: GatewayResponse? = nil) {
        self.head = head
        self.body = body
        self.response = response
    }

    /// Sends what the stream takes.
    mutating func send(over stream: any ByteStream) -> Progress {
        while sent < head.count + body.count {
            let result =
                sent < head.count
                ? stream.send(head.span.extracting(droppingFirst: sent), more: !body.isEmpty)
                : stream.send(body.span.extracting(droppingFirst: sent - head.count), more: false)
            switch result {
            case .bytes(let count): sent += count
            case .blocked:
                guard sent >= milestone else { return .blocked(isSlow: true) }
                milestone = sent + Self.window
                return .blocked(isSlow: false)
            case .end, .failed: return .failed
            }
        }
        return .complete
    }
}
