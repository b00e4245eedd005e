import SignetConfiguration
import SignetIdentity
import SignetSystem

/// Calls vendors, with the same rules for all of them. A gateway has one for as long as it runs: it holds the circuit
/// breakers and the number of calls under way.
package final class DeliveryClient: Sendable {
    private let transport: any VendorTransport
    private let observer: (any DeliveryObserving)?
    private let clock: DeliveryClock
    private let breakers: CircuitBreakers
    private let shares = CallShares()

    /// Makes a client.
    package convenience init(transport: any VendorTransport, observer: (any DeliveryObserving)? = nil) {
        self.init(transport: transport, observer: observer, clock: .system)
    }

    /// Makes a client with a clock of its own.
    package init(transport: any VendorTransport, observer: (any DeliveryObserving)? = nil, clock: DeliveryClock) {
        self.transport = transport
        self.observer = observer
        self.clock = clock
        breakers = CircuitBreakers { connection, state in
            observer?.circuitChanged(connection: connection, to: state)
        }
    }

    /// Starts the clock for one request: everything it calls has to be done within `total`.
    ///
    /// - Parameters:
    ///   - identity: Is signed for each call.
    ///   - context: The circumstances; each call sets its own session and time.
    ///   - connection: The connection that signs, and whose vendor is called.
    ///   - settings: As the configuration in force has them.
    ///   - deadline: An earlier end, if there is one.
    ///   - record: Records the identity that the first call sends. Nothing is sent before it returns, or if it throws.
    package func run(
        _ identity: Identity, in context: SigningContext = SigningContext(), on connection: VendorConnection,
        settings: DeliverySettings = DeliverySettings(), deadline: MonotonicTime? = nil,
        recording record: DeliveryRun.Recording? = nil
    ) -> DeliveryRun {
        let end = clock.now().advanced(byMilliseconds: settings.total)
        return DeliveryRun(
            identity, in: context, on: connection, settings: settings, deadline: deadline.map { min($0, end) } ?? end,
            transport: transport, observer: observer, clock: clock, breaker: breakers[connection.name],
            shares: shares, record: record)
    }

    /// What a connection's circuit breaker does with the next call.
    package func circuitState(of connection: String) -> CircuitState {
        breakers[connection].state(at: clock.now())
    }

    /// How many calls of a connection are under way.
    package func callsInUse(by connection: String) -> Int {
        shares.inUse(by: connection)
    }
}

/// Hears of every call to a vendor, for metrics and the log.
///
/// The requirements are called in the course of a request, from several threads, and should be quick.
package protocol DeliveryObserving: Sendable {
    /// An identity was signed for a call. Each try signs again.
    func signed(_ identity: SignedIdentity, nanoseconds: UInt64)

    /// A call has ended, with all its tries. A call that a circuit breaker or a full share refuses ends at once.
    func called(connection: String, outcome: DeliveryOutcome, nanoseconds: UInt64)

    /// A connection's circuit breaker has changed its state.
    func circuitChanged(connection: String, to state: CircuitState)
}

extension DeliveryObserving {
    /// Does nothing.
    package func signed(_ identity: SignedIdentity, nanoseconds: UInt64) {}
}

/// How a call to a vendor ended.
package enum DeliveryOutcome: Sendable, Equatable {
    /// With a 2xx answer.
    case delivered
    /// Without one.
    case failed(DeliveryError.Kind)

    /// One stable kebab-case word, fit for a metric's label: `delivered`, `vendor-refused`.
    package var label: String {
        switch self {
        case .delivered: "delivered"
        case .failed(let kind): kind.rawValue
        }
    }
}
