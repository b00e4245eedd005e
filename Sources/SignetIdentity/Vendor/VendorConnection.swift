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
    /// What the page needs to load the widget.
    public let widget: Widget
    /// Everything that is sent, so that it can be told which attributes the vendor gets to see.
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

    /// Whether the vendor binds its tokens to a session, so that a session has to be named to sign or verify one.
    public var needsSession: Bool {
        do {
            _ = try signer.sign(.anonymous, in: SigningContext())
            return false
        } catch {
            return error.isFault(SigningFault.sessionRequired)
        }
    }

    /// The badge of a signed identity, or nil where its token has to stay on the backend.
    public func badge(for signed: SignedIdentity) -> Badge? {
        guard case .browser(let token) = signed.token else { return nil }
        return Badge(token, on: widget)
    }
}

/// A key and the name that the configuration gives it.
public struct NamedKey: Sendable {
    /// The name.
    public let name: String
    /// The key.
    public let key: SigningKey
    /// From when until when it signs. Looked at by what chooses keys by the moment, a `ScheduledConnection`, and by nothing else.
    public let window: KeyWindow

    /// Names a key.
    public init(name: String, key: SigningKey, window: KeyWindow = .always) {
        self.name = name
        self.key = key
        self.window = window
    }
}

/// The keys of a connection: the first signs, all verify.
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
