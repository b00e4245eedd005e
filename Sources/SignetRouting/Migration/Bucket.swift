import SignetIdentity

/// One of 100,000 equal shares. A hash of a customer's value decides it: integers only, no chance, no state.
///
/// `(uint64(murmur3_x86_32(utf8(salt + ":" + value), seed 0)) * 100000) >> 32`. `Fixtures/migration` has vectors, and
/// `docs/reference` has reference functions for JavaScript, Python and SQL.
public struct Bucket: Sendable, Hashable {
    /// From 0 to 99,999.
    public let number: UInt64

    /// The bucket of a value under a salt, both by their exact bytes in UTF-8.
    public init(salt: String, value: String) {
        self.init(prefix: Array(salt.utf8) + [UInt8(ascii: ":")], value: value)
    }

    /// - Parameter prefix: The salt and its colon.
    init(prefix: [UInt8], value: String) {
        let bytes = prefix + value.utf8
        number = (UInt64(bytes.withUnsafeBytes { Murmur3.hash($0) }) * 100_000) >> 32
    }

    /// Whether it is in a percentage. A larger percentage holds every bucket of a smaller one.
    public func isIn(_ percent: Percentage) -> Bool {
        number < percent.thousandths
    }
}

/// MurmurHash3_x86_32 by Austin Appleby, in the public domain. It spreads well and every language has it. It keeps no secret.
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
        hash ^= UInt32(truncatingIfNeeded: bytes.count)
        hash = (hash ^ hash >> 16) &* 0x85EB_CA6B
        hash = (hash ^ hash >> 13) &* 0xC2B2_AE35
        return hash ^ hash >> 16
    }

    private static func mixed(_ word: UInt32) -> UInt32 {
        rotated(word &* 0xCC9E_2D51, by: 15) &* 0x1B87_3593
    }

    private static func rotated(_ word: UInt32, by count: UInt32) -> UInt32 {
        word << count | word >> (32 - count)
    }
}
