/// From when until when a key signs. It verifies whatever the moment, so that tokens outlive a change of keys.
public struct KeyWindow: Sendable, Hashable {
    /// The first moment at which it signs; nil for any.
    public let notBefore: NumericDate?
    /// The first moment at which it signs no more; nil for none.
    public let notAfter: NumericDate?

    /// All of time.
    public static let always = KeyWindow(checkedFrom: nil, until: nil)

    /// Makes a window, or nothing where it would hold no moment.
    public init?(notBefore: NumericDate?, notAfter: NumericDate?) {
        if let notBefore, let notAfter, notAfter <= notBefore { return nil }
        self.init(checkedFrom: notBefore, until: notAfter)
    }

    private init(checkedFrom notBefore: NumericDate?, until notAfter: NumericDate?) {
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// Whether a key of this window signs at a moment: `notBefore` belongs to it, `notAfter` does not.
    public func contains(_ time: NumericDate) -> Bool {
        notBefore.map { $0 <= time } ?? true && notAfter.map { time < $0 } ?? true
    }
}
