/// As much of DER (X.690 §8.1) as it takes to see where a value ends.
enum DER {
    /// Whether the bytes are one SEQUENCE, from the first to the last.
    static func isOneValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
        valueLength(bytes) == bytes.count
    }

    /// Whether the bytes start with a whole SEQUENCE.
    static func startsWithValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
        valueLength(bytes).map { $0 <= bytes.count } ?? false
    }

    /// The length that the SEQUENCE at the start says it has, its head included.
    private static func valueLength(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 2, bytes[0] == 0x30 else { return nil }
        guard bytes[1] >= 0x80 else { return 2 + Int(bytes[1]) }
        let lengthBytes = Int(bytes[1] & 0x7F)
        guard (1...4).contains(lengthBytes), bytes.count >= 2 + lengthBytes else { return nil }
        return 2 + lengthBytes + bytes[2..<(2 + lengthBytes)].reduce(0) { $0 << 8 | Int($1) }
    }
}
