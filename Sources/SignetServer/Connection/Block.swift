/// A piece of memory of a fixed size that a connection reads into. What has been read is consumed from the front.
final class Block {
    static let size = 16_384

    private var bytes = [UInt8](repeating: 0, count: Block.size)
    private var start = 0
    private var end = 0
    /// How far it has been written to since it was wiped.
    private var used = 0

    var isEmpty: Bool { start == end }
    /// The first byte, where there is one.
    var first: UInt8? { isEmpty ? nil : bytes[start] }

    /// Where the next bytes go. What is there moves to the front when the room behind it is small.
    private func makeRoom() -> Range<Int> {
        if start == end {
            (start, end) = (0, 0)
        } else if Block.size - end < Block.size / 2 && start > 0 {
            for index in start..<end { bytes[index - start] = bytes[index] }
            (start, end) = (0, end - start)
        }
        return end..<Block.size
    }

    /// Has the room that there is filled: `body` gets the whole memory and the range it may write to, and says how many bytes it wrote.
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

    /// Lends what is there, and forgets as many bytes of it as `body` says.
    func consume<Failure>(_ body: (Span<UInt8>) throws(Failure) -> Int) throws(Failure) {
        let bytes = bytes
        start += try body(bytes.span.extracting(start..<end))
    }

    /// Forgets everything, and leaves nothing of it in memory.
    func wipe() {
        var span = bytes.mutableSpan
        for index in 0..<used { span[index] = 0 }
        (start, end, used) = (0, 0, 0)
    }
}

/// The blocks of one worker: as many as its share of memory allows.
///
/// A request whose body is being read counts for one more, since its body is kept beside the block.
final class BlockPool {
    /// How many may be in use at once.
    let maximum: Int
    private(set) var used = 0
    private var free: [Block] = []
    private var peak = 0
    /// How many are kept for the next request. More would stay in memory after a burst.
    private static let kept = 32

    init(bytes: Int) {
        maximum = max(2, bytes / Block.size)
    }

    /// A block, or nil where all are in use.
    func take() -> Block? {
        guard reserve() else { return nil }
        return free.popLast() ?? Block()
    }

    func giveBack(_ block: Block) {
        block.wipe()
        if free.count < Self.kept { free.append(block) }
        release()
    }

    /// Counts memory of a block's size that is somewhere else; false where there is no more.
    func reserve() -> Bool {
        guard used < maximum else { return false }
        used += 1
        peak = max(peak, used)
        return true
    }

    func release() {
        used -= 1
        // After a burst its memory goes back to the system: malloc would keep it.
        guard peak > 8 * Self.kept, used < Self.kept else { return }
        peak = used
        giveMemoryBack()
    }
}
