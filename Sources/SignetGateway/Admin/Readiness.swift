import Synchronization

/// Whether the gateway wants new requests. It goes one way: once it is going down, it is.
public final class Readiness: Sendable {
    private let draining = Atomic(false)

    /// Ready, from the start.
    public init() {}

    /// Whether a load balancer should send requests.
    public var isReady: Bool { !draining.load(ordering: .acquiring) }

    /// From now on it should not.
    public func drain() {
        draining.store(true, ordering: .releasing)
    }
}
