import SignetJOSE
import SignetSystem

/// The facts about a vendor that do not depend on a connection.
public struct Vendor: Sendable {
    /// Whether the vendor's tokens have a `kid`.
    public enum KeyIDUse: String, Sendable {
        /// The key has to have one.
        case required
        /// The key may have one.
        case optional
        /// The key must not have one.
        case none
    }

    /// The name in the configuration: `talkative`.
    public let name: String
    /// The name in sentences: `Talkative`.
    public let title: String
    /// The signed form, in one line.
    public let summary: String
    /// The one algorithm of the vendor's keys.
    public let algorithm: JWSAlgorithm
    /// Whether keys have a `kid`.
    public let keyID: KeyIDUse
    /// Where the operator gets the key, or registers it, in one line.
    public let keyOrigin: String
    /// The options of a connection, besides `vendor`, `key` and `keys`.
    public let options: [OptionDeclaration]
    /// Conditions between the options.
    public let rules: [OptionRule]
    /// How keys are rotated.
    public let rotation: KeyRotation

    /// Describes a vendor.
    ///
    /// - Parameter rotation: How keys are rotated. Default: ``KeyRotation/unknown(place:title:)`` with `keyOrigin`.
    public init(
        name: String, title: String, summary: String, algorithm: JWSAlgorithm, keyID: KeyIDUse, keyOrigin: String,
        options: [OptionDeclaration], rules: [OptionRule] = [], rotation: KeyRotation? = nil
    ) {
        self.name = name
        self.title = title
        self.summary = summary
        self.algorithm = algorithm
        self.keyID = keyID
        self.keyOrigin = keyOrigin
        self.options = options
        self.rules = rules
        self.rotation = rotation ?? .unknown(place: keyOrigin, title: title)
    }

    /// Why a key cannot be one of the vendor's; nil for a key that can.
    package func fault(ofKey name: String, _ algorithm: JWSAlgorithm, keyID: String?) -> SignetError? {
        if algorithm != self.algorithm {
            let kind = self.algorithm == .hs256 ? "an HMAC secret" : "a P-256 key"
            return SignetError(
                option:
                    "key",
                message:
                    "\(title) needs \(kind) (\(self.algorithm.rawValue)), but key \"\(name)\" is for \(algorithm.rawValue)",
                hint: keyOrigin)
        }
        switch self.keyID {
        case .required where keyID == nil:
            return SignetError(
                option:
                    "key", message: "\(title) needs a \"kid\", but key \"\(name)\" has none", hint: keyOrigin)
        case .none where keyID != nil:
            return SignetError(
                option:
                    "key", message: "\(title) has no \"kid\", but key \"\(name)\" has one",
                hint: "remove \"kid\" from the key")
        default: return nil
        }
    }
}

/// How a vendor's key is replaced. `signet keys rotate` and `signet keys promote` print their instructions from this.
public struct KeyRotation: Sendable {
    /// The side that creates an HMAC secret. Signet always creates key pairs: a private key stays where it was made.
    public enum Maker: String, Sendable {
        /// Signet creates it, and the operator enters it at the vendor.
        case signet
        /// The vendor creates it and shows it to the operator.
        case vendor
    }

    /// Whether the vendor accepts an old and a new key at the same time.
    public enum SeveralKeys: String, Sendable {
        /// It does, so keys can be replaced without a gap.
        case accepted
        /// It does not, so both sides have to change at the same moment.
        case refused
        /// The vendor's documents do not say. Treated like ``refused``.
        case unknown
    }

    /// The side that creates an HMAC secret.
    public let maker: Maker
    /// Where the vendor takes or shows the new key, as it reads after a colon: `the portal's Signing Keys page`.
    public let place: String
    /// Whether the vendor accepts old and new keys at the same time.
    public let severalKeys: SeveralKeys
    /// The known facts about that, in one sentence without a final full stop.
    public let overlap: String

    /// Describes how keys are rotated.
    public init(maker: Maker, place: String, severalKeys: SeveralKeys, overlap: String) {
        self.maker = maker
        self.place = place
        self.severalKeys = severalKeys
        self.overlap = overlap
    }

    /// The rotation of a vendor without documents about it: the vendor creates secrets, and accepts one key at a time.
    public static func unknown(place: String, title: String) -> KeyRotation {
        KeyRotation(
            maker: .vendor, place: place, severalKeys: .unknown,
            overlap: "whether \(title) takes two keys at once is not known")
    }
}
