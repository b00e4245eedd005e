import SignetGateway
import SignetJOSE

/// Looks after the audit file while the gateway runs: its head in the log, its rotation, its loss.
final class AuditKeeper {
    private let audit: AuditFile
    private let log: StandardErrorLog
    /// Whether it was said that the file is not where it was.
    private var isMissed = false

    init(_ audit: AuditFile, log: StandardErrorLog) {
        self.audit = audit
        self.log = log
        if audit.repairedBytes > 0 {
            log.note(.warning, "audit-repaired", "a line that a crash had cut off was removed; it was never answered")
        }
    }

    /// Goes on in a new file, after the one in use was moved away.
    func reopen(_ cause: String) {
        do throws(AuditError) {
            _ = try audit.reopen()
            isMissed = false
            logHead("audit-reopened", [JSONMember("cause", .string(cause))])
        } catch {
            // What goes on failing every second is said once.
            if !isMissed || cause == "signal" { log.note(.error, "audit-reopen-failed", error.reason) }
            isMissed = true
        }
    }

    /// A file that was removed or moved away takes lines that nobody will find: the chain is carried on in a new one, whether
    /// or not the signal comes, as soon as there is a place for it.
    func look() {
        if !audit.isInPlace { reopen("moved") }
    }

    /// Once a minute, so that what is cut off the end of the file is missed.
    func logHead(_ event: String = "audit-head", _ more: [JSONMember] = []) {
        guard let head = audit.head else { return }
        let chain = JSONMember("chain", head.chain.map(JSONValue.string) ?? .null)
        log.log(LogLine(.info, event, more + [chain, JSONMember("head", .string("\(head)"))]))
    }
}

extension StandardErrorLog {
    /// An event that one sentence says.
    func note(_ level: LogLine.Level, _ event: String, _ message: String) {
        log(LogLine(level, event, [JSONMember("message", .string(message))]))
    }
}
