import SignetJOSE
import SignetSystem

/// A vendor's id of one chat session: 1 to 256 URL-safe characters. It gives access to the chat, so it is treated as secret.
public struct SessionID: Sendable, Hashable {
    /// The id itself. Never log it.
    public let text: String

    /// Makes an id of the unreserved characters of RFC 3986 §2.3: letters, digits, `-`, `.`, `_` and `~`.
    public init(_ text: String) throws(SignetError) {
        let isURLSafe = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                true
            default: false
            }
        }
        guard (1...256).contains(text.utf8.count), isURLSafe else {
            throw SignetError("/sessionId", .sessionID, "a session id is 1 to 256 URL-safe characters")
        }
        self.text = text
    }
}

extension SessionID: Redacted {
    /// A fixed text without the id.
    public var description: String { "a session id" }
}

/// The purpose of a token that is bound to a session.
public enum SessionPurpose: Sendable, Equatable {
    /// To create a session.
    case create
    /// To send data for an existing session.
    case existing(SessionID)
}
