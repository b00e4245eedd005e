/// Hexadecimal digits: written in lower case, read in either case.
package enum Hexadecimal {
    /// The digit of a value below 16.
    package static func character(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// The value of a digit.
    package static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The bytes of a text; nil if it is not a sequence of pairs of digits.
    package static func decode(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: text.utf8.count / 2)
        let isValid = bytes.withUnsafeMutableBytes { bytes in
            Array(text.utf8).withUnsafeBytes { decode($0, into: bytes) }
        }
        return isValid ? bytes : nil
    }

    /// Decodes pairs of digits into memory of half their length, and returns whether all of them are digits.
    static func decode(_ digits: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
        guard digits.count == 2 * bytes.count else { return false }
        for index in bytes.indices {
            guard let high = digit(digits[2 * index]), let low = digit(digits[2 * index + 1]) else { return false }
            bytes[index] = high << 4 | low
        }
        return true
    }

    /// A number with at least four digits, as in `\u000a` and, in upper case, `U+000A`.
    static func codePoint(_ value: UInt32, uppercase: Bool = false) -> String {
        let digits = String(value, radix: 16, uppercase: uppercase)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// The bytes as lower-case text.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(character(byte >> 4))
            text.append(character(byte & 0x0F))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
