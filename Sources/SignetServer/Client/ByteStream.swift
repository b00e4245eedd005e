/// The result of reading from a stream or writing to it.
enum StreamResult: Equatable {
    /// This many bytes, at least one.
    case bytes(Int)
    /// Nothing now.
    case blocked
    /// The client sends no more.
    case end
    /// The stream is broken.
    case failed
}

/// The result of a step of a TLS handshake.
enum HandshakeResult: Equatable {
    case done, blocked, failed
    /// The client has closed before its first byte.
    case left
    /// The client speaks HTTP without TLS, and gets its answer without TLS.
    case wrongProtocol
}

/// The bytes from and to a client: a socket, TLS over a socket, or a script in tests. No method blocks.
protocol ByteStream: AnyObject {
    /// Whether ``shakeHands()`` has to succeed first.
    var needsHandshake: Bool { get }
    /// Whether there are unread bytes for which the socket has no event.
    var hasBuffered: Bool { get }
    /// Whether the last read waits until the socket is writable, or the last write until it is readable.
    var waitsForOpposite: Bool { get }
    /// Whether the stream uses a certificate that was replaced: the socket is closed after the next answer.
    var hasOldCertificate: Bool { get }

    /// The state of the handshake. A different number means that the handshake has advanced.
    var progress: UInt32 { get }

    func shakeHands() -> HandshakeResult
    /// Reads into a block as much as fits.
    func receive(into block: Block) -> StreamResult
    /// Writes the first part of `bytes`. `more` says that other bytes follow at once.
    func send(_ bytes: Span<UInt8>, more: Bool) -> StreamResult
    /// Shuts the sending direction down.
    func finishSending()
    /// Reads bytes that nobody uses, without decoding them.
    func discard(into block: Block) -> StreamResult
    /// Closes the socket; `reset` drops what was not sent.
    func close(reset: Bool)
}
