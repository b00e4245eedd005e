import SignetIdentity
import SignetSystem

/// Calls vendors, with the same rules for all of them. One for the whole gateway, for as long as it runs: the circuit
/// breakers and the shares of calls at once are in it.
public final class Courier: Sendable {
    private let transport: any VendorTransport
    private let observer: (any DeliveryObserving)?
    private let clock: DeliveryClock
    private let breakers: CircuitBreakers
    private let shares = CallShares()

    /// Makes a courier.
    public convenience init(transport: any VendorTransport, observer: (any DeliveryObserving)? = nil) {
        self.init(transport: transport, observer: observer, clock: .system)
    }

    /// Makes a courier that has its time from elsewhere.
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
    ///   - connection: The connection whose vendor is called.
    ///   - settings: As the configuration in force has them.
    ///   - deadline: An earlier end, if there is one.
    public func run(
        connection: String, settings: DeliverySettings = DeliverySettings(), deadline: MonotonicTime? = nil
    ) -> DeliveryRun {
        let end = clock.now().advanced(byMilliseconds: settings.total)
        return DeliveryRun(
            connection: connection, settings: settings, deadline: deadline.map { min($0, end) } ?? end,
            transport: transport, observer: observer, clock: clock, breaker: breakers[connection], shares: shares)
    }

    /// What a connection's circuit breaker does with the next call.
    public func circuitState(of connection: String) -> CircuitState {
        breakers[connection].state(at: clock.now())
    }

    /// How many calls of a connection are under way.
    public func callsInUse(by connection: String) -> Int {
        shares.inUse(by: connection)
    }
}
