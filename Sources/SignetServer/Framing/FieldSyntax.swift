/// The bytes that each part of a head allows (RFC 9110 §5.5 and §5.6.2, RFC 9112 §3).
enum FieldSyntax {
    /// A byte of a token: a header field's name, a method.
    static func isToken(_ byte: UInt8) -> Bool {
        // One bit for each ASCII character.
        let set: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return byte < 128 && set >> UInt64(byte & 63) & 1 == 1
    }

    /// A byte of a method. Methods are case-sensitive, and all registered ones are in upper case.
    static func isMethod(_ byte: UInt8) -> Bool {
        isToken(byte) && !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    /// A byte of a field's value: any but control characters; the tab is allowed.
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
}
