import SignetIdentity
import SignetSystem
import Synchronization

/// Whether the gateway wants new requests: not once it is going down, and not while it can record nothing.
public final class Readiness: Sendable {
    /// For how long nothing can be recorded before the gateway is not ready, in nanoseconds.
    private static let auditLimit: UInt64 = 5_000_000_000

    private let draining = Atomic(false)
    private let audit: AuditFile?

    /// Ready, from the start.
    ///
    /// - Parameter audit: Five seconds after it has failed the gateway is not ready, until it works again.
    public init(audit: AuditFile? = nil) {
        self.audit = audit
    }

    /// Whether a load balancer should send requests.
    public var isReady: Bool { refusal == nil }

    /// From now on it should not.
    public func drain() {
        draining.store(true, ordering: .releasing)
    }

    /// Why it should not.
    var refusal: Problem? {
        if draining.load(ordering: .acquiring) {
            return Problem(
                503, "draining", "The gateway is going down", detail: "send nothing new to this replica", retryAfter: 1)
        }
        guard let failure = audit?.failedSince, MonotonicTime.now.nanoseconds(since: failure) >= Self.auditLimit else {
            return nil
        }
        return Problem(
            503, "audit-unavailable", "Nothing can be recorded",
            detail: "the log says what is wrong with the audit file",
            retryAfter: 1)
    }
}
