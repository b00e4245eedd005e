@testable import SignetServer

/// A stream whose other end is a script. It records calls that are not allowed.
final class ScriptedStream: ByteStream {
    /// How the client takes the bytes that are sent.
    enum SendPolicy: Equatable {
        /// All are taken.
        case all
        /// Each call takes this many at most.
        case pieces(Int)
        /// This many are taken in all until the stream is writable again.
        case room(Int)
        case blocked
        case broken
    }

    /// The kind of stream.
    struct Kind {
        /// The results of the handshake's steps before it succeeds; nil for a stream without a handshake.
        var handshake: [HandshakeResult]?
        /// How many bytes one read returns at most.
        var readingLimit = Int.max
        /// Whether a read leaves its rest in user space, as in TLS, so that no event follows.
        var hasRecords = false
    }

    let kind: Kind

    // The side of the client state.
    let needsHandshake: Bool
    private(set) var hasBuffered = false
    private(set) var waitsForOpposite = false
    var hasOldCertificate = false
    private(set) var progress: UInt32 = 0

    // Set by the script.
    var policy = SendPolicy.all { didSet { makeRoom() } }
    /// Whether the next read or write waits for the other direction.
    var nextWaitsForOpposite = false
    private(set) var hasEnded = false
    private(set) var isBroken = false

    // Read by the script.
    /// All bytes that the client has sent.
    private(set) var incoming: [UInt8] = []
    /// How many bytes of it were read.
    private(set) var received = 0
    /// How many bytes were read and dropped.
    private(set) var discarded = 0
    /// All bytes that the client has taken.
    private(set) var outgoing: [UInt8] = []
    private(set) var hasFinishedSending = false
    private(set) var isClosed = false
    private(set) var faults: [String] = []

    private let ledger: ScriptedHandler
    private var handshake: [HandshakeResult]
    private var room = 0
    private var mustFollow = false

    /// Creates a stream that reports the taken bytes to `ledger`.
    init(_ kind: Kind, ledger: ScriptedHandler) {
        self.kind = kind
        self.ledger = ledger
        needsHandshake = kind.handshake != nil
        handshake = kind.handshake ?? []
    }

    // MARK: The script's side

    func arrive(_ bytes: [UInt8]) {
        guard !hasEnded, !isBroken else { return }
        incoming += bytes
    }

    func end() { hasEnded = true }

    func breakDown() { isBroken = true }

    /// The client has read all that was sent.
    func makeRoom() {
        room = if case .room(let count) = policy { count } else { 0 }
    }

    /// Whether the socket is readable. In the handshake it always is: the script has its results.
    var isReadable: Bool {
        guard !isBroken else { return true }
        let unread = incoming.count - received - discarded
        return unread > 0 && !hasBuffered || hasEnded || !handshake.isEmpty
    }

    // MARK: The side of the client state

    private func check(_ holds: Bool, _ fault: String) {
        if !holds { faults.append(fault) }
    }

    func shakeHands() -> HandshakeResult {
        check(!isClosed, "a handshake after the close")
        if isBroken { return .failed }
        if hasEnded { return incoming.isEmpty && progress == 0 ? .left : .failed }
        if handshake.isEmpty && incoming.isEmpty { return .blocked }
        progress += 1
        let result = handshake.isEmpty ? .done : handshake.removeFirst()
        hasBuffered = result == .done && kind.hasRecords && received < incoming.count
        return result
    }

    func receive(into block: Block) -> StreamResult {
        check(!isClosed, "a read after the close")
        check(!hasFinishedSending, "a read after the last answer")
        if mustWaitForOpposite() { return .blocked }
        hasBuffered = false
        if isBroken { return .failed }
        guard received < incoming.count else { return hasEnded ? .end : .blocked }
        let count = block.fill { memory, room in
            check(room.count > 0, "a read into a full block")
            let count = min(room.count, kind.readingLimit, incoming.count - received)
            for index in 0..<count { memory[room.lowerBound + index] = incoming[received + index] }
            return count
        }
        received += count
        hasBuffered = kind.hasRecords && received < incoming.count
        return .bytes(count)
    }

    func send(_ bytes: Span<UInt8>, more: Bool) -> StreamResult {
        check(!isClosed, "a write after the close")
        check(!hasFinishedSending, "a write after the last answer")
        check(!bytes.isEmpty, "a write of no bytes")
        if mustWaitForOpposite() { return .blocked }
        if isBroken { return .failed }
        let count =
            switch policy {
            case .all: bytes.count
            case .pieces(let limit): min(limit, bytes.count)
            case .room: min(room, bytes.count)
            case .blocked: 0
            case .broken: -1
            }
        guard count >= 0 else {
            isBroken = true
            return .failed
        }
        guard count > 0 else { return .blocked }
        room -= count
        bytes.withUnsafeBufferPointer { outgoing.append(contentsOf: UnsafeBufferPointer(rebasing: $0.prefix(count))) }
        mustFollow = more && count == bytes.count
        ledger.took(count)
        return .bytes(count)
    }

    func finishSending() {
        check(!isClosed, "a shutdown after the close")
        check(!hasFinishedSending, "a second shutdown")
        check(!mustFollow, "a shutdown where more bytes were announced")
        hasFinishedSending = true
    }

    func discard(into block: Block) -> StreamResult {
        check(!isClosed, "a read after the close")
        check(hasFinishedSending, "bytes are dropped before the last answer")
        waitsForOpposite = false
        hasBuffered = false
        if isBroken { return .failed }
        let unread = incoming.count - received - discarded
        guard unread > 0 else { return hasEnded ? .end : .blocked }
        let count = block.fill { memory, room in
            check(room.count == Block.size, "dropped bytes are still in the block")
            return min(room.count, unread)
        }
        discarded += count
        return .bytes(count)
    }

    func close(reset: Bool) {
        check(!isClosed, "a second close")
        isClosed = true
    }

    private func mustWaitForOpposite() -> Bool {
        waitsForOpposite = nextWaitsForOpposite
        nextWaitsForOpposite = false
        if waitsForOpposite { hasBuffered = false }
        return waitsForOpposite
    }
}
