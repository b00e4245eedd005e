@testable import SignetServer

/// What can happen to a connection. Each is one turn of a worker, a millisecond after the one before.
enum ScriptedEvent: Equatable {
    // The client
    case sends([UInt8])
    /// It sends no more.
    case ends
    /// The connection is broken; the next reading or writing tells.
    case breaks
    /// The connection is broken, and the socket tells.
    case hangsUp
    case takes(ScriptedStream.SendPolicy)
    // The socket
    case readable
    /// The socket has room again.
    case writable
    /// The client sends no more, told by the socket.
    case leaves
    /// The next reading or writing waits for the other direction.
    case crosses
    // The handler
    case replies
    /// The same reply once more.
    case repliesAgain
    /// A reply to a request before the last one that was pending.
    case repliesLate
    // The worker
    case deadline
    case passes(milliseconds: Int64)
    /// The worker is late by itself.
    case stalls(milliseconds: Int64)
    case works
    case drains
    case expires
    /// Other connections leave this many blocks of memory.
    case fills(left: Int)
    /// The certificate is replaced.
    case retires
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
        case .crosses: "crosses"
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
        case .retires: "retires"
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
