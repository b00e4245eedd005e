@testable import SignetServer

/// An event of a client. Each is one turn of a worker, a millisecond after the one before.
enum ScriptedEvent: Equatable {
    // The client
    case sends([UInt8])
    /// It sends no more.
    case ends
    /// The socket breaks; the next read or write fails.
    case breaks
    /// The socket breaks, with an event.
    case hangsUp
    case takes(ScriptedStream.SendPolicy)
    // The socket
    case readable
    /// The socket has room again.
    case writable
    /// The client sends no more, with an event.
    case leaves
    /// The next read or write waits for the other direction.
    case waitsForOpposite
    // The handler
    case replies
    /// The same reply once more.
    case repliesAgain
    /// A reply to an earlier pending request.
    case repliesLate
    // The worker
    case deadline
    case passes(milliseconds: Int64)
    /// The worker itself stalls.
    case stalls(milliseconds: Int64)
    case works
    case drains
    case expires
    /// Other clients use all memory but this many blocks.
    case fills(left: Int)
    /// The certificate is replaced.
    case replacesCertificate
}

extension ScriptedEvent: CustomStringConvertible {
    var description: String {
        switch self {
        case .sends(let bytes): "sends \(Self.text(bytes))"
        case .ends: "ends"
        case .breaks: "breaks"
        case .hangsUp: "hangsUp"
        case .takes(let policy): "takes \(policy)"
        case .readable: "readable"
        case .writable: "writable"
        case .leaves: "leaves"
        case .waitsForOpposite: "waitsForOpposite"
        case .replies: "replies"
        case .repliesAgain: "repliesAgain"
        case .repliesLate: "repliesLate"
        case .deadline: "deadline"
        case .passes(let milliseconds): "passes \(milliseconds) ms"
        case .stalls(let milliseconds): "stalls \(milliseconds) ms"
        case .works: "works"
        case .drains: "drains"
        case .expires: "expires"
        case .fills(let left): "fills, \(left) left"
        case .replacesCertificate: "replacesCertificate"
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        let text = bytes.map { byte in
            switch byte {
            case UInt8(ascii: "\r"): "\\r"
            case UInt8(ascii: "\n"): "\\n"
            case 0x20..<0x7f: String(UnicodeScalar(byte))
            default: "\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
            }
        }
        return "\"\(text.joined())\""
    }
}
