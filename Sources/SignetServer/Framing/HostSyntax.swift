import SignetJOSE

/// The syntax of a Host field: a name or an address with an optional port (RFC 9112 §3.2).
///
/// It is stricter than the RFC: percent-encoding and sub-delimiters are refused. An empty host is accepted.
enum HostSyntax {
    static func accepts(_ value: Span<UInt8>) -> Bool {
        guard !value.isEmpty else { return true }
        var end = 0
        if value[0] == UInt8(ascii: "[") {
            guard let bracket = value.first(UInt8(ascii: "]")), bracket > 1 else { return false }
            guard value.extracting(1..<bracket).all(isAddress) else { return false }
            end = bracket + 1
        } else {
            end = value.first(UInt8(ascii: ":")) ?? value.count
            guard end > 0, value.extracting(0..<end).all(isName) else { return false }
        }
        return isPort(value.extracting(end..<value.count))
    }

    /// Whether the bytes are empty, or a colon and a port. A colon alone is allowed (RFC 3986 §3.2.3).
    private static func isPort(_ bytes: Span<UInt8>) -> Bool {
        guard !bytes.isEmpty else { return true }
        guard bytes[0] == UInt8(ascii: ":"), bytes.count <= 6 else { return false }
        var number = 0
        for index in 1..<bytes.count {
            guard FieldSyntax.isDigit(bytes[index]) else { return false }
            number = number * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        }
        return number <= 65_535
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
        Hexadecimal.digit(byte) != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }
}
