import SignetJOSE
import SignetSystem

/// One configured account or widget at a vendor, ready to sign.
public struct VendorConnection: Sendable {
    /// The connection's name.
    public let name: String
    /// The vendor's name.
    public let vendor: String
    /// Signs and verifies.
    public let signer: any IdentitySigner
    /// The members that the page needs to load the widget.
    public let widget: Widget
    /// All values that are sent, for the list of attributes that the vendor gets.
    public let values: [MappedValue]

    /// Makes a connection.
    public init(
        name: String, vendor: String, signer: any IdentitySigner, widget: Widget, values: [MappedValue]
    ) {
        self.name = name
        self.vendor = vendor
        self.signer = signer
        self.widget = widget
        self.values = values
    }

    /// Whether the vendor binds its tokens to a session, so that signing and verifying need one.
    public var needsSession: Bool {
        do {
            _ = try signer.sign(.anonymous, in: SigningContext())
            return false
        } catch {
            return error.isFault(SigningFault.sessionRequired)
        }
    }

    /// The badge of a signed identity; nil if its token has to stay on the backend.
    public func badge(for signed: SignedIdentity) -> Badge? {
        guard case .browser(let token) = signed.token else { return nil }
        return Badge(token, on: widget)
    }

    /// The customer's values that this connection sends and `other` does not, in the order in which they are sent.
    package func sources(unseenBy other: VendorConnection) -> [Source] {
        let seen = Set(other.values.compactMap(\.source))
        var sources: [Source] = []
        for source in values.compactMap(\.source)
        where source.pointer != nil && !seen.contains(source) && !sources.contains(source) {
            sources.append(source)
        }
        return sources
    }
}

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
