/// MurmurHash3_x86_32 by Austin Appleby, in the public domain: spreads well, and every language has it. It keeps no secret and
/// is not meant to.
enum Murmur3 {
    static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        var hash = seed
        let tail = bytes.count & ~3
        for index in stride(from: 0, to: tail, by: 4) {
            hash ^= mixed(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self)))
            hash = rotated(hash, by: 13) &* 5 &+ 0xE654_6B64
        }
        var rest: UInt32 = 0
        for index in stride(from: bytes.count - 1, through: tail, by: -1) { rest = rest << 8 | UInt32(bytes[index]) }
        hash ^= mixed(rest)
        return finished(hash ^ UInt32(truncatingIfNeeded: bytes.count))
    }

    private static func mixed(_ word: UInt32) -> UInt32 {
        rotated(word &* 0xCC9E_2D51, by: 15) &* 0x1B87_3593
    }

    private static func finished(_ hash: UInt32) -> UInt32 {
        var hash = hash
        hash = (hash ^ hash >> 16) &* 0x85EB_CA6B
        hash = (hash ^ hash >> 13) &* 0xC2B2_AE35
        return hash ^ hash >> 16
    }

    private static func rotated(_ word: UInt32, by count: UInt32) -> UInt32 {
        word << count | word >> (32 - count)
    }
}
