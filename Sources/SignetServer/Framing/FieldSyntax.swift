/// What bytes may stand where (RFC 9110 §5.6.2, RFC 9112 §3).
enum FieldSyntax {
    /// A byte of a token: a header field's name, a method.
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// A byte of a method: the names are case-sensitive, and all that exist are in upper case.
    static func isUppercaseToken(_ byte: UInt8) -> Bool {
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
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Whether the name of a field is `name`, which is given in lower case.
    static func isName(_ bytes: UnsafeRawBufferPointer, _ name: some Collection<UInt8>) -> Bool {
        bytes.count == name.count && bytes.elementsEqual(name) { $0 | ($0 >= 0x41 && $0 <= 0x5a ? 0x20 : 0) == $1 }
    }

    /// Without the blanks around it.
    static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return UnsafeRawBufferPointer(rebasing: bytes[0..<0]) }
        return UnsafeRawBufferPointer(rebasing: bytes[first...last])
    }
}
