import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting

/// Logs when a connection changes its signing key, and warns before a connection has no key.
final class KeyMonitor {
    private let log: StandardErrorLog
    private var connections: [Watched] = []

    private struct Watched {
        let name: String
        let schedule: SigningSchedule
        /// The key that signed at the last check.
        var key: String?
        var warning = DailyWarning()
    }

    init(log: StandardErrorLog) {
        self.log = log
    }

    /// Watches these connections from now on.
    func watch(_ scheduled: [ScheduledConnection], at time: NumericDate) {
        // Changes since the last check belong to the connections before.
        check(at: time)
        connections = scheduled.compactMap { connection in
            connection.schedule.map { Watched(name: connection.name, schedule: $0, key: $0.key(at: time)) }
        }
        check(at: time)
    }

    /// Logs changes since the last check, and warnings.
    func check(at time: NumericDate) {
        for index in connections.indices {
            logChange(&connections[index], at: time)
            warn(&connections[index], at: time)
        }
    }

    private func logChange(_ connection: inout Watched, at time: NumericDate) {
        let key = connection.schedule.key(at: time)
        guard key != connection.key else { return }
        log.log(
            LogLine(
                key == nil ? .error : .info, "key-switched",
                [
                    JSONMember("connection", .string(connection.name)),
                    JSONMember("from", connection.key.map(JSONValue.string) ?? .null),
                    JSONMember("to", key.map(JSONValue.string) ?? .null),
                ]))
        connection.key = key
        // The last warning was about the key before.
        connection.warning = DailyWarning()
    }

    private func warn(_ connection: inout Watched, at time: NumericDate) {
        guard let outlook = SigningOutlook(connection.schedule, at: time), outlook.isUrgent,
            connection.warning.isDue(at: time)
        else { return }
        log.log(
            LogLine(
                connection.key == nil ? .error : .warning, "key-ends",
                [
                    JSONMember("connection", .string(connection.name)),
                    JSONMember("key", connection.key.map(JSONValue.string) ?? .null),
                    JSONMember("at", outlook.gap.map { .string($0.rfc3339) } ?? .null),
                    JSONMember("message", .string(outlook.text)),
                ]))
    }
}
