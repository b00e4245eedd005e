import SignetSystem

/// The encodings under which key material is not recognised at sight.
enum TextWrapping: CaseIterable {
    case escapes, hexadecimal, base64

    /// The decoded parts of a normalised text that are long enough for a key.
    func inside(_ text: SecretBytes) -> [SecretBytes] {
        text.withUnsafeBytes { text in
            switch self {
            case .escapes: Self.unescaped(text).map { [$0] } ?? []
            // A P-256 key has at least 44 bytes; a bare point has 65.
            case .hexadecimal: Self.runs(of: text, atLeast: 80, Self.isHexadecimal).map(Self.hexadecimal)
            case .base64: Self.runs(of: text, atLeast: 40, Base64URL.isInEitherAlphabet).map(Self.base64)
            }
        }
    }

    /// The longest parts of `text` in which every character satisfies a condition.
    private static func runs(
        of text: UnsafeRawBufferPointer, atLeast length: Int, _ holds: (UInt8) -> Bool
    ) -> [UnsafeRawBufferPointer] {
        text.split { !holds($0) }.filter { $0.count >= length }.map { UnsafeRawBufferPointer(rebasing: $0) }
    }

    /// A digit, or a separator of dumps: `30:59`, `0x30,0x59`, `\x30\x59`.
    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        Hexadecimal.digit(byte) != nil || ":,xX\\".utf8.contains(byte)
    }

    private static func hexadecimal(_ text: UnsafeRawBufferPointer) -> SecretBytes {
        SecretBytes(capacity: text.count / 2) { memory in
            var count = 0
            var high: UInt8?
            for byte in text {
                guard let digit = Hexadecimal.digit(byte) else {
                    // Drops the 0 of 0x.
                    high = nil
                    continue
                }
                if let first = high {
                    memory[count] = first << 4 | digit
                    count += 1
                    high = nil
                } else {
                    high = digit
                }
            }
            return count
        }
    }

    /// Decodes both alphabets, and ignores incomplete bytes and spare bits: other decoders accept such text.
    private static func base64(_ text: UnsafeRawBufferPointer) -> SecretBytes {
        SecretBytes(capacity: Base64URL.decodedCapacity(text.count)) { memory in
            let text = text.lazy.map(Base64URL.urlCharacter(forPlain:))
            return (try? Base64URL.unpack(text, into: memory))?.count ?? 0
        }
    }

    /// The text with the escapes of JSON and URLs resolved; nil if there are none. Line ends become spaces.
    private static func unescaped(_ bytes: UnsafeRawBufferPointer) -> SecretBytes? {
        guard bytes.contains(UInt8(ascii: "\\")) || bytes.contains(UInt8(ascii: "%")) else { return nil }
        return SecretBytes(capacity: bytes.count) { memory in
            var count = 0
            var index = 0
            /// The value of the digits at some places after `index`.
            func value(_ places: Range<Int>) -> UInt8? {
                guard index + places.upperBound <= bytes.count else { return nil }
                return places.reduce(0 as UInt?) { value, place in
                    guard let value, let digit = Hexadecimal.digit(bytes[index + place]) else { return nil }
                    return value << 4 | UInt(digit)
                }.flatMap { UInt8(exactly: $0) }
            }
            while index < bytes.count {
                var length = 1
                var byte = bytes[index]
                if byte == UInt8(ascii: "%"), let value = value(1..<3) {
                    (byte, length) = (value, 3)
                } else if byte == UInt8(ascii: "\\"), index + 1 < bytes.count {
                    (byte, length) = (bytes[index + 1], 2)
                    switch byte {
                    case UInt8(ascii: "u"): if let value = value(2..<6) { (byte, length) = (value, 6) }
                    case UInt8(ascii: "x"): if let value = value(2..<4) { (byte, length) = (value, 4) }
                    case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"): byte = 0x20
                    default: break
                    }
                }
                memory[count] = byte
                count += 1
                index += length
            }
            return count
        }
    }
}
