/// What a Host field may say: a name or an address, and perhaps a port (RFC 9112 §3.2). Stricter than the RFC where nobody needs
/// it: no percent-encoding, no sub-delimiters.
enum HostSyntax {
    static func accepts(_ value: UnsafeRawBufferPointer) -> Bool {
        let host: Slice<UnsafeRawBufferPointer>
        if value.first == UInt8(ascii: "[") {
            guard let end = value.firstIndex(of: UInt8(ascii: "]")) else { return false }
            host = value[1..<end]
            guard !host.isEmpty, host.allSatisfy(isAddress), isPort(value[(end + 1)...]) else { return false }
        } else {
            host = value.prefix { $0 != UInt8(ascii: ":") }
            guard !host.isEmpty, host.allSatisfy(isName), isPort(value[host.endIndex...]) else { return false }
        }
        return true
    }

    /// Nothing, or a colon and a number that is a port. A colon alone is allowed (RFC 3986 §3.2.3).
    private static func isPort(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let first = bytes.first else { return true }
        let digits = bytes.dropFirst()
        guard first == UInt8(ascii: ":"), digits.count <= 5, digits.allSatisfy(FieldSyntax.isDigit) else {
            return false
        }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } <= 65_535
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: FieldSyntax.isDigit(byte)
        }
    }

    private static func isAddress(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: ":"),
            UInt8(ascii: "."):
            true
        default: FieldSyntax.isDigit(byte)
        }
    }
}
