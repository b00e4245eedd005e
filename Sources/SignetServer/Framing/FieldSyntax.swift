/// Which bytes may stand where (RFC 9110 §5.5 and §5.6.2, RFC 9112 §3).
enum FieldSyntax {
    /// A byte of a token: a header field's name, a method.
    static func isToken(_ byte: UInt8) -> Bool {
        // One bit for each ASCII character, from "!" to "~".
        let set: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return byte < 128 && set >> UInt64(byte & 63) & 1 == 1
    }

    /// A byte of a method: the names are case-sensitive, and all that exist are in upper case.
    static func isMethod(_ byte: UInt8) -> Bool {
        isToken(byte) && !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    /// A byte of a field's value: no control character but the tab.
    static func isValue(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7f || byte == 0x09
    }

    /// A byte of a request target: visible ASCII, and no fragment.
    static func isTarget(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "#")
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }

    /// The value of a hexadecimal digit.
    static func hexadecimal(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

extension Span<UInt8> {
    /// The place of the first byte that equals `byte`, from `start` on.
    func first(_ byte: UInt8, from start: Int = 0) -> Int? {
        var index = start
        while index < count {
            if self[index] == byte { return index }
            index += 1
        }
        return nil
    }

    func all(_ holds: (UInt8) -> Bool) -> Bool {
        var index = 0
        while index < count {
            if !holds(self[index]) { return false }
            index += 1
        }
        return true
    }

    /// Where the bytes are without the blanks at their ends.
    var trimmed: Range<Int> {
        var start = 0
        var end = count
        while start < end, FieldSyntax.isBlank(self[start]) { start += 1 }
        while end > start, FieldSyntax.isBlank(self[end - 1]) { end -= 1 }
        return start..<end
    }

    /// The bytes as text; what is not UTF-8 is replaced.
    var text: String {
        do {
            return String(copying: try UTF8Span(validating: self))
        } catch {
            return String(decoding: indices.map { self[$0] }, as: UTF8.self)
        }
    }
}
