/// What a caller may ask for.
public enum CallerRight: String, Sendable, CaseIterable {
    /// What a page may show its widget.
    case badge
    /// The signed identity with its token, for a backend that delivers it itself.
    case sign
}
