import SignetJOSE
import SignetSystem

/// The circuit breakers of all connections by their names. A reload of the configuration does not touch them.
package final class CircuitBreakers: Sendable {
    private let breakers = Lock<[String: CircuitBreaker]>([:])
    private let changed: @Sendable (_ connection: String, CircuitState) -> Void

    package init(changed: @escaping @Sendable (_ connection: String, CircuitState) -> Void) {
        self.changed = changed
    }

    /// The one of a connection; it is made when it is first asked for.
    package subscript(connection: String) -> CircuitBreaker {
        breakers.withLock { breakers in
            if let breaker = breakers[connection] { return breaker }
            let breaker = CircuitBreaker { [changed] in changed(connection, $0) }
            breakers[connection] = breaker
            return breaker
        }
    }
}
