import SignetJOSE

/// Where the gateway's log lines go.
public protocol GatewayLogging: Sendable {
    /// Takes one line. Never blocks for long and never fails: a log that is full is no reason not to answer.
    func log(_ line: LogLine)
}

/// One line of the log: an event and what is known about it.
public struct LogLine: Sendable {
    /// How much it matters.
    public enum Level: String, Sendable {
        case info, warning, error
    }

    /// How much it matters.
    public var level: Level
    /// A stable kebab-case word: `request`, `reload`.
    public var event: String
    /// What is known about it, in this order. Holds no secret, token, session id or anything of a customer.
    public var members: [JSONMember]

    /// Makes a line.
    public init(_ level: Level, _ event: String, _ members: [JSONMember] = []) {
        self.level = level
        self.event = event
        self.members = members
    }
}
