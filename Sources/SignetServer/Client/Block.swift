/// A buffer of a fixed size that a client's bytes are read into. They are consumed from the front.
final class Block {
    static let size = 16_384

    private var bytes = [UInt8](repeating: 0, count: Block.size)
    private var start = 0
    private var end = 0
    /// How far it was written to since it was last wiped.
    private var used = 0

    var isEmpty: Bool { start == end }
    /// The first unread byte; nil if there is none.
    var first: UInt8? { isEmpty ? nil : bytes[start] }

    /// The range for the next bytes. Unread bytes move to the front if the room after them is small.
    private func makeRoom() -> Range<Int> {
        if start == end {
            (start, end) = (0, 0)
        } else if Block.size - end < Block.size / 2 && start > 0 {
            for index in start..<end { bytes[index - start] = bytes[index] }
            (start, end) = (0, end - start)
        }
        return end..<Block.size
    }

    /// Fills the free range: `body` gets the whole memory and the range that it may write to, and returns how many bytes it
    /// wrote.
    func fill(_ body: (inout MutableSpan<UInt8>, Range<Int>) -> Int) -> Int {
        let room = makeRoom()
        var span = bytes.mutableSpan
        let count = body(&span, room)
        if count > 0 {
            end += count
            used = max(used, end)
        }
        return count
    }

    /// Passes the unread bytes to `body`, which returns how many of them it consumed.
    func consume<Failure>(_ body: (Span<UInt8>) throws(Failure) -> Int) throws(Failure) {
        let bytes = bytes
        start += try body(bytes.span.extracting(start..<end))
    }

    /// Drops all bytes and overwrites them with zeros.
    func wipe() {
        var span = bytes.mutableSpan
        for index in 0..<used { span[index] = 0 }
        (start, end, used) = (0, 0, 0)
    }
}

/// The blocks of one worker, limited by its share of memory.
///
/// An incomplete request reserves further blocks for its head and body, which are stored elsewhere.
final class BlockPool {
    /// How many may be in use at once.
    let maximum: Int
    private(set) var used = 0
    private var free: [Block] = []
    private var peak = 0
    /// How many free blocks are kept. More would stay in memory after a burst.
    private static let kept = 32

    init(bytes: Int) {
        maximum = max(2, bytes / Block.size)
    }

    /// A block; nil if all are in use.
    func take() -> Block? {
        guard reserve() else { return nil }
        return free.popLast() ?? Block()
    }

    func giveBack(_ block: Block) {
        block.wipe()
        if free.count < Self.kept { free.append(block) }
        release()
    }

    /// Counts memory of a block's size that is stored elsewhere; false if the limit is reached.
    func reserve() -> Bool {
        guard used < maximum else { return false }
        used += 1
        peak = max(peak, used)
        return true
    }

    func release() {
        used -= 1
        // After a burst the memory goes back to the system: malloc would keep it.
        guard peak > 8 * Self.kept, used < Self.kept else { return }
        peak = used
        trimHeap()
    }
}
