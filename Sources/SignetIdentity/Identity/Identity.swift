/// Who is signed for: a customer whom the company knows, or a stranger.
public enum Identity: Sendable, Equatable {
    /// A customer who has signed in.
    case customer(Customer)
    /// A visitor of whom nothing is known.
    case anonymous
}
