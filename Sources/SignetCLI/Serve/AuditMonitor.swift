import SignetConfiguration
import SignetGateway
import SignetJOSE
import SignetRouting
import SignetSystem

/// Opens the audit file of the running gateway and logs its events.
struct AuditMonitor {
    let audit: AuditFile
    private let log: StandardErrorLog

    init(_ settings: GatewaySettings.AuditSettings, key: HS256Key, log: StandardErrorLog) throws(SignetError) {
        self.log = log
        // Reopening is tried every second, and its failure is logged once.
        let isFailureLogged = Lock(false)
        audit = try AuditFile(
            path: settings.file, key: key, durability: settings.durability
        ) { event in
            switch event {
            case .failed(let error):
                log.note(.error, "audit-unusable", error.reason)
            case .resumed(nil):
                log.note(.info, "audit-resumed", "identities are recorded again")
            case .resumed(let refused?):
                log.note(
                    .warning, "audit-resumed",
                    "identities are recorded again; the requests of lines \(refused.lowerBound) to \(refused.upperBound) were refused"
                )
            case .reopened(let head, let isAsked):
                isFailureLogged.withLock { $0 = false }
                let cause = JSONMember("cause", .string(isAsked ? "signal" : "moved"))
                Self.log(head, "audit-reopened", [cause], to: log)
            case .reopenFailed(let error, let isAsked):
                let isKnown = isFailureLogged.withLock { isLogged in
                    defer { isLogged = true }
                    return isLogged && !isAsked
                }
                if !isKnown { log.note(.error, "audit-reopen-failed", error.reason) }
            }
        }
        if audit.repairedBytes > 0 {
            log.note(
                .warning, "audit-repaired", "removed a line that a crash had cut off; its request was not answered")
        }
    }

    /// Called once a minute. The logged heads reveal lines that are later cut off the end of the file.
    func logHead() {
        Self.log(audit.head, "audit-head", [], to: log)
    }

    private static func log(_ head: AuditHead?, _ event: String, _ more: [JSONMember], to log: StandardErrorLog) {
        guard let head else { return }
        let chain = JSONMember("chain", head.chain.map(JSONValue.string) ?? .null)
        log.log(LogLine(.info, event, more + [chain, JSONMember("head", .string("\(head)"))]))
    }
}

extension StandardErrorLog {
    /// Logs an event with a message.
    func note(_ level: LogLine.Level, _ event: String, _ message: String) {
        log(LogLine(level, event, [JSONMember("message", .string(message))]))
    }
}
