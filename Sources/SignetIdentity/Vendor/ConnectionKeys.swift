import SignetJOSE

/// A key and the name that the configuration gives it.
public struct NamedKey: Sendable {
    /// The name.
    public let name: String
    /// The key.
    public let key: SigningKey
    /// When it signs. Only a `ScheduledConnection`, which chooses keys by the time, reads this.
    public let window: KeyWindow

    /// Names a key.
    public init(name: String, key: SigningKey, window: KeyWindow = .always) {
        self.name = name
        self.key = key
        self.window = window
    }
}

/// The keys of a connection. The first one signs, all of them verify.
public struct ConnectionKeys: Sendable {
    /// The key that signs.
    public let signing: NamedKey
    /// All keys, the signing one first.
    public let all: [NamedKey]

    /// One key or more.
    public init(_ signing: NamedKey, _ others: NamedKey...) {
        self.init(signing: signing, others: others)
    }

    /// One key and any others.
    public init(signing: NamedKey, others: [NamedKey]) {
        self.signing = signing
        all = [signing] + others
    }

    /// The keys that verify.
    public var verification: [VerificationKey] {
        all.map(\.key.verificationKey)
    }
}

/// The time in which a key signs. It verifies at any time, so that tokens stay valid after a change of keys.
public struct KeyWindow: Sendable, Hashable {
    /// The first second in which it signs; nil for no limit.
    public let notBefore: NumericDate?
    /// The first second in which it no longer signs; nil for no limit.
    public let notAfter: NumericDate?

    /// A window without limits.
    public static let always = KeyWindow(checkedFrom: nil, until: nil)

    /// Makes a window; nil if it would be empty.
    public init?(notBefore: NumericDate?, notAfter: NumericDate?) {
        if let notBefore, let notAfter, notAfter <= notBefore { return nil }
        self.init(checkedFrom: notBefore, until: notAfter)
    }

    private init(checkedFrom notBefore: NumericDate?, until notAfter: NumericDate?) {
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// Whether a key of this window signs at `time`: from `notBefore`, and before `notAfter`.
    public func contains(_ time: NumericDate) -> Bool {
        notBefore.map { $0 <= time } ?? true && notAfter.map { time < $0 } ?? true
    }
}
