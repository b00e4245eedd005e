/// What came of reading from a stream or writing to it.
enum StreamResult: Equatable {
    /// So many bytes, at least one.
    case bytes(Int)
    /// Nothing at this moment.
    case blocked
    /// The client sends no more.
    case end
    /// The connection is broken.
    case failed
}

/// What came of a step of a handshake.
enum HandshakeResult: Equatable {
    case done, blocked, failed
    /// The client has left before its first byte.
    case left
    /// The client speaks HTTP without TLS, and is answered so.
    case wrongProtocol
}

/// The two ways of a connection: a socket, TLS over a socket, or a script in tests. Nothing in it blocks.
protocol ByteStream: AnyObject {
    /// Whether ``shakeHands()`` has to be done first.
    var needsHandshake: Bool { get }
    /// Whether there are bytes that no event of the socket will tell of.
    var hasBuffered: Bool { get }
    /// Whether the last reading waits until the socket can be written to, or the last writing until it can be read from.
    var isCrossed: Bool { get }
    /// Whether it is to end with its next answer, because its certificate was replaced.
    var isRetired: Bool { get }

    /// How far the handshake has come: two different numbers show that it went on.
    var progress: UInt32 { get }

    func shakeHands() -> HandshakeResult
    /// Reads into a block what fits.
    func receive(into block: Block) -> StreamResult
    /// Writes the beginning of `bytes`. `more` says that other bytes follow at once.
    func send(_ bytes: Span<UInt8>, more: Bool) -> StreamResult
    /// Says that nothing more will be sent.
    func finishSending()
    /// Reads without decoding, for a connection that is over.
    func discard(into block: Block) -> StreamResult
    /// Ends it; `reset` throws away what was not sent.
    func close(reset: Bool)
}
