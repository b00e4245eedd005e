/// How a vendor's key is changed for the next one: what `signet keys rotate` and `signet keys promote` tell to do.
public struct KeyRotation: Sendable {
    /// Who makes an HMAC secret. A key pair is always made by Signet: its private half does not travel.
    public enum Maker: String, Sendable {
        /// Signet makes it, and the vendor is given it.
        case signet
        /// The vendor makes it, and shows it.
        case vendor
    }

    /// Whether the vendor takes an old and a new key at the same time.
    public enum SeveralKeys: String, Sendable {
        /// It does: keys change without a gap.
        case accepted
        /// It does not: there is a moment at which both sides have to change.
        case refused
        /// Its documents do not say; planned for like ``refused``.
        case unknown
    }

    /// Who makes an HMAC secret.
    public let maker: Maker
    /// Where at the vendor the new key goes, or is shown, to stand behind a colon: `the portal's Signing Keys page`.
    public let place: String
    /// Whether old and new are taken at the same time.
    public let severalKeys: SeveralKeys
    /// What is known of that, in one sentence without a final full stop.
    public let overlap: String

    /// Describes how keys are changed.
    public init(maker: Maker, place: String, severalKeys: SeveralKeys, overlap: String) {
        self.maker = maker
        self.place = place
        self.severalKeys = severalKeys
        self.overlap = overlap
    }

    /// What is planned for with a vendor that says nothing of it: it makes the secrets, and takes one key at a time.
    public static func unknown(place: String, title: String) -> KeyRotation {
        KeyRotation(
            maker: .vendor, place: place, severalKeys: .unknown,
            overlap: "whether \(title) takes two keys at once is not known")
    }
}
