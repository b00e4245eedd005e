import SignetJOSE
import SignetSystem

/// What there is to know about a vendor before it is configured.
public struct Vendor: Sendable {
    /// Whether tokens of the vendor carry a `kid`.
    public enum KeyIDUse: String, Sendable {
        /// The key has to have one.
        case required
        /// The key may have one.
        case optional
        /// Nothing reads one.
        case none
    }

    /// The name in the configuration: `talkative`.
    public let name: String
    /// The name in sentences: `Talkative`.
    public let title: String
    /// What is signed, in one line.
    public let summary: String
    /// The one algorithm of the vendor's keys.
    public let algorithm: JWSAlgorithm
    /// Whether keys have a `kid`.
    public let keyID: KeyIDUse
    /// Where the key comes from or goes to, in one line.
    public let keyOrigin: String
    /// The options of a connection, besides `vendor`, `key` and `keys`.
    public let options: [OptionDeclaration]
    /// Conditions between the options.
    public let rules: [OptionRule]
    /// How its keys are changed.
    public let rotation: KeyRotation

    /// Describes a vendor.
    ///
    /// - Parameter rotation: How its keys are changed; without it ``KeyRotation/unknown(place:title:)``, at `keyOrigin`.
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
