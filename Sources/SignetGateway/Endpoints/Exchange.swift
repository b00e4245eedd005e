import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// One request on its way through, and what has become known about it. It is recorded once, at its end.
struct Exchange: Sendable {
    let requestID = RequestID.make()
    let start = MonotonicTime.now
    /// The endpoint's label; `unknown` before it is found.
    var endpoint = "unknown"
    var caller: String?
    /// The route, once it is known to be one: what a stranger writes into a path is not repeated.
    var route: String?
    var subjectTag: String?
    var signing = Signing()
    /// Attributes and members of the context that nothing reads.
    var unread = UnreadMembers()

    /// Who signs, so far as it has come.
    struct Signing: Sendable {
        var vendor: String?
        var connection: String?
        var key: String?
        var decision: AuditEntry.Decision?
        var fallback: Fallback?
    }

    /// Why the old connection of a move answers.
    struct Fallback: Sendable {
        /// The connection that should have.
        let connection: String
        /// Why it did not.
        let code: String
    }

    /// A method that there is; what anybody made up is not repeated, however long it is.
    private static func logged(_ method: String) -> String {
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].contains(method) ? method : "-"
    }

    /// A pointer up to a name that somebody made up: names have the form of an attribute's.
    private static func logged(pointer: String) -> String {
        let steps = pointer.split(separator: "/").prefix { step in
            step.utf8.count <= 64
                && step.utf8.allSatisfy { byte in
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "_-".utf8.contains(byte)
                }
        }
        return steps.map { "/\($0)" }.joined()
    }

    /// The line of the log; without a status where the client did not get the whole answer.
    func line(method: String, status: Int?, problem: Problem?, nanoseconds: UInt64) -> LogLine {
        var members = [
            JSONMember("requestId", .string(requestID)), JSONMember("method", .string(Self.logged(method))),
            JSONMember("endpoint", .string(endpoint)),
            JSONMember("status", status.map { .number(JSONNumber($0)) } ?? "aborted"),
        ]
        func add(_ name: String, _ value: String?) {
            if let value { members.append(JSONMember(name, .string(value))) }
        }
        add("code", problem?.code)
        add("pointer", problem?.errors.first.map { Self.logged(pointer: $0.pointer) })
        add("caller", caller)
        add("route", route)
        add("vendor", signing.vendor)
        add("connection", signing.connection)
        add("key", signing.key)
        add("subjectTag", subjectTag)
        add("side", signing.decision?.side)
        add("reason", signing.decision?.reason)
        add("fallbackFrom", signing.fallback?.connection)
        add("fallbackCode", signing.fallback?.code)
        if unread.count > 0 {
            members += [
                JSONMember("unread", .array(unread.texts(atMost: 5).map(JSONValue.string))),
                JSONMember("unreadCount", .number(JSONNumber(unread.count))),
            ]
        }
        members.append(JSONMember("microseconds", .number(JSONNumber(nanoseconds / 1000))))
        // 501 and 505 are about what the client sent.
        let isError = status.map { $0 >= 500 && ![501, 505].contains($0) } ?? false
        let level: LogLine.Level = isError ? .error : signing.fallback == nil ? .info : .warning
        return LogLine(level, "request", members)
    }
}
