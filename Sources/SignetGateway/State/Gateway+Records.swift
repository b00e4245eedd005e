import SignetConfiguration
import SignetJOSE
import SignetSystem

extension Gateway {
    /// Records one signed identity where that takes no waiting; otherwise false, and nothing is recorded. What cannot be recorded is not
    /// handed out, and the log says so.
    func recordAtOnce(_ entry: AuditEntry) throws(SignetError) -> Bool {
        guard let audit = services.audit else { return true }
        do {
            return try audit.recordAtOnce(entry)
        } catch {
            noteRefused(entry, error)
            throw error
        }
    }

    /// Records one signed identity, however long the disk takes.
    func record(_ entry: AuditEntry) async throws(SignetError) {
        guard let audit = services.audit else { return }
        do {
            if try audit.recordAtOnce(entry) { return }
            try await audit.record(entry)
        } catch {
            noteRefused(entry, error)
            throw error
        }
    }

    private func noteRefused(_ entry: AuditEntry, _ error: SignetError) {
        services.metrics.auditFailed()
        var members = [
            JSONMember("requestId", .string(entry.requestID)), JSONMember("message", .string(error.reason)),
        ]
        if let hint = error.hint { members.append(JSONMember("hint", .string(hint))) }
        services.log?.log(LogLine(.error, "audit-failed", members))
    }
}
