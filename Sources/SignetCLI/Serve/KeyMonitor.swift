import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting

/// Says in the log when a connection goes over to another key, and in time when it will have none.
final class KeyMonitor {
    /// How often what lies ahead is said again, in seconds.
    private static let interval: Int64 = 86_400

    private let log: StandardErrorLog
    private var connections: [Kept] = []

    private struct Kept {
        let name: String
        let schedule: SigningSchedule
        /// The key that signed at the last look.
        var key: String?
        /// When it was said last what lies ahead.
        var told: NumericDate?
    }

    init(log: StandardErrorLog) {
        self.log = log
    }

    /// Looks after the connections that are in force from now on.
    func keep(_ scheduled: [ScheduledConnection], at time: NumericDate) {
        // What has come since the last look belongs to those before.
        look(at: time)
        connections = scheduled.compactMap { connection in
            connection.schedule.map { Kept(name: connection.name, schedule: $0, key: $0.key(at: time)) }
        }
        look(at: time)
    }

    /// Says what has happened since the last look, and what lies ahead.
    func look(at time: NumericDate) {
        for index in connections.indices {
            noteSwitch(&connections[index], at: time)
            warn(&connections[index], at: time)
        }
    }

    private func noteSwitch(_ kept: inout Kept, at time: NumericDate) {
        let key = kept.schedule.key(at: time)
        guard key != kept.key else { return }
        log.log(
            LogLine(
                key == nil ? .error : .info, "key-switched",
                [
                    JSONMember("connection", .string(kept.name)),
                    JSONMember("from", kept.key.map(JSONValue.string) ?? .null),
                    JSONMember("to", key.map(JSONValue.string) ?? .null),
                ]))
        kept.key = key
        // What was said before is about the key before.
        kept.told = nil
    }

    private func warn(_ kept: inout Kept, at time: NumericDate) {
        if let told = kept.told, time < told.advanced(by: Self.interval) { return }
        guard let outlook = SigningOutlook(kept.schedule, at: time), outlook.isUrgent else { return }
        kept.told = time
        log.log(
            LogLine(
                kept.key == nil ? .error : .warning, "key-ends",
                [
                    JSONMember("connection", .string(kept.name)),
                    JSONMember("key", kept.key.map(JSONValue.string) ?? .null),
                    JSONMember("at", outlook.gap.map { .string($0.rfc3339) } ?? .null),
                    JSONMember("message", .string(outlook.text)),
                ]))
    }
}
