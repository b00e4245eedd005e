import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Where the gateway's log lines go.
public protocol GatewayLogging: Sendable {
    /// Takes one line. Never blocks for long and never fails: the gateway answers also when the log is full.
    func log(_ line: LogLine)
}

/// One line of the log: an event and what is known about it.
public struct LogLine: Sendable {
    /// The levels.
    public enum Level: String, Sendable {
        case info, warning, error
    }

    /// The level.
    public var level: Level
    /// A stable kebab-case word: `request`, `reload`.
    public var event: String
    /// The members, in this order. They have no secret, token, session id or anything of a customer.
    public var members: [JSONMember]

    /// Makes a line.
    public init(_ level: Level, _ event: String, _ members: [JSONMember] = []) {
        self.level = level
        self.event = event
        self.members = members
    }
}

/// The form of a log line: `{"time","level","event", …}` and a line end.
enum LogFormat {
    /// Lends the bytes of a line at the moment of the call.
    static func withBytes(of line: LogLine, _ body: (UnsafeRawBufferPointer) -> Void) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        JSONWriter.withVisibleBytes(
            writing: { writer in
                writer.beginObject()
                writer.name("time")
                writer.string(
                    NumericDate(seconds: Int64(now.tv_sec)).rfc3339(milliseconds: Int64(now.tv_nsec) / 1_000_000))
                writer.name("level")
                writer.string(line.level.rawValue)
                writer.name("event")
                writer.string(line.event)
                for member in line.members {
                    writer.name(member.name)
                    writer.value(member.value)
                }
                writer.endObject()
            },
            use: body)
    }
}
