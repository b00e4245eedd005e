import SignetIdentity

/// Hears of every call to a vendor, for metrics and the log.
///
/// Both requirements are called on the way of a request, so they should be quick. They may come from several threads.
public protocol DeliveryObserving: Sendable {
    /// A call has ended, with all its tries. One that a circuit breaker or a full share refused has ended
    /// at once.
    func called(connection: String, outcome: DeliveryOutcome, nanoseconds: UInt64)

    /// A connection's circuit breaker has changed its state.
    func circuitChanged(connection: String, to state: CircuitState)
}

/// How a call to a vendor ended.
public enum DeliveryOutcome: Sendable, Equatable {
    /// With a 2xx answer.
    case delivered
    /// In vain.
    case failed(DeliveryError.Kind)

    /// One stable kebab-case word, fit for a metric's label: `delivered`, `vendor-refused`.
    public var label: String {
        switch self {
        case .delivered: "delivered"
        case .failed(let kind): kind.rawValue
        }
    }
}
