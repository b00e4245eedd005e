import SignetIdentity
import SignetJOSE

public final class GatewayMetrics: Sendable {
    public init(version: String) {}
    func requestFinished(route: String?, vendor: String?, status: Int, nanoseconds: UInt64) {}
    func signed(vendor: String, connection: String, nanoseconds: UInt64) {}
    func limited(caller: String) {}
    func delivered(connection: String, outcome: String, nanoseconds: UInt64) {}
    func breaker(connection: String, state: String) {}
    func auditFailed() {}
    func text() -> String { "" }
}
