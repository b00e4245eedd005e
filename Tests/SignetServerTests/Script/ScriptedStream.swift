@testable import SignetServer

/// A stream whose other end is a script. It says what a connection asks of it that no connection may ask.
final class ScriptedStream: ByteStream {
    /// What becomes of the bytes that are sent.
    enum SendPolicy: Equatable {
        /// All are taken.
        case all
        /// Each call takes this many at most.
        case pieces(Int)
        /// This many are taken, and no more until the next time that the stream is writable.
        case room(Int)
        case blocked
        case broken
    }

    /// What kind of stream it is.
    struct Kind {
        /// What the steps of a handshake come to; nil is a stream without one. After the last it is done.
        var handshake: [HandshakeResult]?
        /// How many bytes one reading brings at most.
        var readingLimit = Int.max
        /// Whether what one reading leaves is in user space, as in TLS, so that no event tells of it.
        var hasRecords = false
    }

    let kind: Kind

    // What the connection sees.
    let needsHandshake: Bool
    private(set) var hasBuffered = false
    private(set) var isCrossed = false
    var isRetired = false
    private(set) var progress: UInt32 = 0

    // What the script says.
    var policy = SendPolicy.all { didSet { makeRoom() } }
    /// Whether the next reading or writing waits for the other direction.
    var crossesNext = false
    private(set) var hasEnded = false
    private(set) var isBroken = false

    // What the script is told.
    /// All that the client has sent.
    private(set) var incoming: [UInt8] = []
    /// How many bytes of it were read.
    private(set) var received = 0
    /// How many bytes were read and thrown away.
    private(set) var discarded = 0
    /// All that was taken of what was sent.
    private(set) var outgoing: [UInt8] = []
    private(set) var hasFinishedSending = false
    private(set) var isClosed = false
    private(set) var faults: [String] = []

    private let ledger: ScriptedHandler
    private var handshake: [HandshakeResult]
    private var room = 0
    private var mustFollow = false

    /// Makes a stream that tells `ledger` how many bytes were taken.
    init(_ kind: Kind, ledger: ScriptedHandler) {
        self.kind = kind
        self.ledger = ledger
        needsHandshake = kind.handshake != nil
        handshake = kind.handshake ?? []
    }

    // MARK: The client's side

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

    /// Whether the socket would tell that it can be read from. In the handshake it always does: the script has its results.
    var isReadable: Bool {
        guard !isBroken else { return true }
        let unread = incoming.count - received - discarded
        return unread > 0 && !hasBuffered || hasEnded || !handshake.isEmpty
    }

    // MARK: The connection's side

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
        check(!isClosed, "a reading after the close")
        check(!hasFinishedSending, "a reading after the last answer")
        if takesCrossing() { return .blocked }
        hasBuffered = false
        if isBroken { return .failed }
        guard received < incoming.count else { return hasEnded ? .end : .blocked }
        let count = block.fill { memory, room in
            check(room.count > 0, "a reading into a full block")
            let count = min(room.count, kind.readingLimit, incoming.count - received)
            for index in 0..<count { memory[room.lowerBound + index] = incoming[received + index] }
            return count
        }
        received += count
        hasBuffered = kind.hasRecords && received < incoming.count
        return .bytes(count)
    }

    func send(_ bytes: Span<UInt8>, more: Bool) -> StreamResult {
        check(!isClosed, "a writing after the close")
        check(!hasFinishedSending, "a writing after the last answer")
        check(!bytes.isEmpty, "a writing of nothing")
        if takesCrossing() { return .blocked }
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
        check(!isClosed, "an end of sending after the close")
        check(!hasFinishedSending, "a second end of sending")
        check(!mustFollow, "an end of sending where more was announced")
        hasFinishedSending = true
    }

    func discard(into block: Block) -> StreamResult {
        check(!isClosed, "a reading after the close")
        check(hasFinishedSending, "bytes are thrown away before the last answer")
        isCrossed = false
        hasBuffered = false
        if isBroken { return .failed }
        let unread = incoming.count - received - discarded
        guard unread > 0 else { return hasEnded ? .end : .blocked }
        let count = block.fill { memory, room in
            check(room.count == Block.size, "bytes that were thrown away are still there")
            return min(room.count, unread)
        }
        discarded += count
        return .bytes(count)
    }

    func close(reset: Bool) {
        check(!isClosed, "a second close")
        isClosed = true
    }

    private func takesCrossing() -> Bool {
        isCrossed = crossesNext
        crossesNext = false
        if isCrossed { hasBuffered = false }
        return isCrossed
    }
}
