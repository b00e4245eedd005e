import SignetSystem

/// base64url without padding (RFC 7515 §2). Decoding is strict: each sequence of bytes has exactly one text.
public enum Base64URL {
    /// Why a text is not base64url.
    public enum Fault: Error, Sendable, Equatable {
        /// A byte outside `A-Z a-z 0-9 - _`.
        case character(at: Int)
        /// `+` or `/`, which belong to plain base64.
        case plainAlphabet(at: Int)
        /// `=` padding, which RFC 7515 leaves out.
        case padding
        /// A length that no sequence of bytes has.
        case length
        /// The last character's spare bits are set, so this is a second text for the same bytes.
        case spareBits
    }

    /// The number of characters for `count` bytes.
    public static func encodedLength(_ count: Int) -> Int {
        (count * 4 + 2) / 3
    }

    /// Encodes bytes.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        let source = Array(bytes)
        return String(unsafeUninitializedCapacity: encodedLength(source.count)) { output in
            source.withUnsafeBytes { encode($0, into: output.baseAddress) }
        }
    }

    /// Encodes bytes into memory with room for ``encodedLength(_:)`` characters, and returns the number that it wrote.
    @discardableResult
    package static func encode(_ source: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<UInt8>?) -> Int {
        guard var output, !source.isEmpty else { return 0 }
        let first = output
        return alphabet.withUTF8Buffer { alphabet in
            var index = 0
            while index + 2 < source.count {
                let group = UInt32(source[index]) << 16 | UInt32(source[index + 1]) << 8 | UInt32(source[index + 2])
                output[0] = alphabet[Int(group >> 18)]
                output[1] = alphabet[Int(group >> 12 & 63)]
                output[2] = alphabet[Int(group >> 6 & 63)]
                output[3] = alphabet[Int(group & 63)]
                output += 4
                index += 3
            }
            if index + 1 == source.count {
                output[0] = alphabet[Int(source[index] >> 2)]
                output[1] = alphabet[Int(source[index] & 3) << 4]
                output += 2
            } else if index + 2 == source.count {
                output[0] = alphabet[Int(source[index] >> 2)]
                output[1] = alphabet[Int(source[index] & 3) << 4 | Int(source[index + 1] >> 4)]
                output[2] = alphabet[Int(source[index + 1] & 15) << 2]
                output += 3
            }
            return output - first
        }
    }

    /// Decodes text that ``encode(_:)`` can write, and refuses all other text.
    public static func decode(_ text: some Collection<UInt8>) throws(Fault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: decodedCapacity(text.count))
        let count = try bytes.withUnsafeMutableBufferPointer { memory throws(Fault) -> Int in
            try decode(text, into: UnsafeMutableRawBufferPointer(memory))
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Decodes a string.
    public static func decode(_ text: String) throws(Fault) -> [UInt8] {
        try decode(text.utf8)
    }

    /// The number of bytes that ``decode(_:into:)`` needs for text of `length` characters.
    static func decodedCapacity(_ length: Int) -> Int {
        length / 4 * 3 + length % 4 * 3 / 4
    }

    /// Decodes into memory with room for ``decodedCapacity(_:)`` bytes, and returns the number that it wrote.
    ///
    /// The caller owns the memory and can cleanse it, also when the text of a secret is refused half way.
    package static func decode(
        _ text: some Sequence<UInt8>, into memory: UnsafeMutableRawBufferPointer
    ) throws(Fault) -> Int {
        let (count, held, bits) = try unpack(text, into: memory)
        guard held < 6 else { throw .length }
        guard bits == 0 else { throw .spareBits }
        return count
    }

    /// Decodes whole bytes, and leaves the bits of an incomplete last byte to the caller.
    @inline(__always)
    static func unpack(
        _ text: some Sequence<UInt8>, into memory: UnsafeMutableRawBufferPointer
    ) throws(Fault) -> (count: Int, held: Int, bits: UInt32) {
        var count = 0
        var bits: UInt32 = 0
        var held = 0
        for (index, character) in text.enumerated() {
            let value = values[Int(character)]
            guard value < 64 else { throw fault(of: character, at: index) }
            bits = bits << 6 | UInt32(value)
            held += 6
            if held >= 8 {
                held -= 8
                memory[count] = UInt8(truncatingIfNeeded: bits >> held)
                count += 1
                bits &= 1 << held - 1
            }
        }
        return (count, held, bits)
    }

    /// Whether a character belongs to base64url or to plain base64.
    static func isInEitherAlphabet(_ character: UInt8) -> Bool {
        values[Int(urlCharacter(forPlain: character))] < 64
    }

    /// The base64url character for a character of plain base64.
    static func urlCharacter(forPlain character: UInt8) -> UInt8 {
        switch character {
        case UInt8(ascii: "+"): UInt8(ascii: "-")
        case UInt8(ascii: "/"): UInt8(ascii: "_")
        default: character
        }
    }

    private static func fault(of character: UInt8, at index: Int) -> Fault {
        switch character {
        case UInt8(ascii: "="): .padding
        case UInt8(ascii: "+"), UInt8(ascii: "/"): .plainAlphabet(at: index)
        default: .character(at: index)
        }
    }

    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        alphabet.withUTF8Buffer { for (value, character) in $0.enumerated() { values[Int(character)] = UInt8(value) } }
        return values
    }()
}

extension Base64URL.Fault: CustomStringConvertible {
    /// What is wrong. It contains nothing of the text.
    public var description: String {
        switch self {
        case .character(let index): "character \(index + 1) is outside A-Z a-z 0-9 - _"
        case .plainAlphabet(let index): "character \(index + 1) is + or /, which base64url writes - and _"
        case .padding: "it has = padding, which base64url leaves out"
        case .length: "its length is not possible in base64url"
        case .spareBits: "its last character has spare bits set"
        }
    }
}

extension SecretBytes {
    /// Decodes base64url directly into memory that is cleansed.
    package convenience init(base64URL text: some Collection<UInt8>) throws(Base64URL.Fault) {
        try self.init(capacity: Base64URL.decodedCapacity(text.count)) { memory throws(Base64URL.Fault) -> Int in
            try Base64URL.decode(text, into: memory)
        }
    }

    /// A line for a file: `prefix`, the secret in base64url, and a line end. All copies are in memory that is cleansed.
    package func base64URLLine(prefix: String = "") -> SecretBytes {
        let prefix = Array(prefix.utf8)
        let length = prefix.count + Base64URL.encodedLength(count) + 1
        return SecretBytes(capacity: length) { memory in
            memory.copyBytes(from: prefix)
            let text = UnsafeMutableRawBufferPointer(rebasing: memory[prefix.count...])
            withUnsafeBytes { _ = Base64URL.encode($0, into: text.bindMemory(to: UInt8.self).baseAddress) }
            memory[length - 1] = UInt8(ascii: "\n")
            return length
        }
    }
}
