import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// One request, from its first byte to its line in the log.
final class RequestContext: Sendable {
    let requestID = RequestID.make()
    let start = MonotonicTime.now
    private let method: String
    private let known = Lock(Known())

    /// What is known about the request so far.
    struct Known: Sendable {
        /// The endpoint's label; `unknown` before it is found.
        var endpoint = "unknown"
        var caller: String?
        /// The route's name. A path without a route may hold any text, and is not repeated.
        var route: String?
        var subjectTag: String?
        /// Attributes and members of the context that nothing reads.
        var unread = UnreadMembers()
        /// The connection that answers.
        var vendor: String?
        var connection: String?
        /// The key that signed for it.
        var key: String?
        var decision: Migration.Decision?
        var fallback: Fallback?
        fileprivate var isEnded = false
    }

    /// Why the old connection of a migration answers.
    struct Fallback: Sendable {
        /// The connection that failed.
        let connection: String
        /// The code of its problem.
        let code: String
    }

    init(method: String) {
        self.method = method
    }

    /// Adds what has become known.
    func note(_ change: (inout Known) -> Void) {
        known.withLock(change)
    }

    /// The request goes to a connection.
    func note(_ connection: VendorConnection, _ decision: Migration.Decision?) {
        note { known in
            known.vendor = connection.vendor
            known.connection = connection.name
            known.key = nil
            known.decision = decision
        }
    }

    /// An identity was signed and recorded. The new connection of a migration may be late: then the old one answers.
    func note(_ signed: SignedIdentity) {
        note { known in
            if known.connection == signed.connection { known.key = signed.key }
        }
    }

    /// Ends the request. A request has one line in the log, so only the first call returns what is known.
    func end() -> Known? {
        known.withLock { known in
            guard !known.isEnded else { return nil }
            // Taken and not copied: a copy would retain every string.
            var taken = Known()
            taken.isEnded = true
            swap(&taken, &known)
            return taken
        }
    }

    // MARK: The log

    /// The request's line. It has no status where the client did not get the whole answer.
    func line(_ known: Known, status: Int?, problem: Problem?, nanoseconds: UInt64) -> LogLine {
        var members = [
            JSONMember("requestId", .string(requestID)), JSONMember("method", .string(Self.logged(method))),
            JSONMember("endpoint", .string(known.endpoint)),
            JSONMember("status", status.map { .number(JSONNumber($0)) } ?? "aborted"),
        ]
        func add(_ name: String, _ value: String?) {
            if let value { members.append(JSONMember(name, .string(value))) }
        }
        add("code", problem?.code)
        add("pointer", problem?.errors.first.map { Self.logged(pointer: $0.pointer) })
        add("caller", known.caller)
        add("route", known.route)
        add("vendor", known.vendor)
        add("connection", known.connection)
        add("key", known.key)
        add("subjectTag", known.subjectTag)
        add("side", known.decision?.side.rawValue)
        add("reason", known.decision?.reason.rawValue)
        add("fallbackFrom", known.fallback?.connection)
        add("fallbackCode", known.fallback?.code)
        if known.unread.count > 0 {
            members += [
                JSONMember("unread", .array(known.unread.texts(atMost: 5).map(JSONValue.string))),
                JSONMember("unreadCount", .number(JSONNumber(known.unread.count))),
            ]
        }
        members.append(JSONMember("microseconds", .number(JSONNumber(nanoseconds / 1000))))
        // 501 and 505 are faults of the client.
        let isError = status.map { $0 >= 500 && ![501, 505].contains($0) } ?? false
        let level: LogLine.Level = isError ? .error : known.fallback == nil ? .info : .warning
        return LogLine(level, "request", members)
    }

    /// A method of HTTP; a client may send any other text, of any length, and that is not repeated.
    private static func logged(_ method: String) -> String {
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].contains(method) ? method : "-"
    }

    /// A pointer up to the first name that has not the form of an attribute's name.
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
}
