/// What a circuit breaker does with the next call.
public enum CircuitState: String, Sendable, CaseIterable {
    /// It is made.
    case closed
    /// It is refused: the vendor failed too often and is left alone for a while.
    case open
    /// One is let through to see whether the vendor is back; the others are refused.
    case halfOpen = "half-open"
}
