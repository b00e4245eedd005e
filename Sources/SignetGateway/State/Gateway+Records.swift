import SignetJOSE

extension Gateway {
    /// Records one signed identity. What cannot be recorded is not handed out, and the log says so.
    func record(_ entry: AuditEntry) throws(AuditError) {
        guard let audit = services.audit else { return }
        do {
            try audit.record(entry)
        } catch {
            services.metrics.auditFailed()
            var members = [
                JSONMember("requestId", .string(entry.requestID)), JSONMember("message", .string(error.reason)),
            ]
            if let hint = error.hint { members.append(JSONMember("hint", .string(hint))) }
            services.log?.log(LogLine(.error, "audit-failed", members))
            throw error
        }
    }
}
