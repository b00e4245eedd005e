import SignetDG
import SignetIdentity
import SignetJOSE
import SignetPega
import SignetTalkative
import Testing

/// The vendors that come with Signet, each with a key of its own.
enum TestVendor: String, CaseIterable, Sendable {
    case pega, talkative, dg

    static let session = "0d5c9f0e-6a0b-4b5e-9d57-5f0b3a1c7e21"
    static let widgetID = "4d88d63c-b3d9-49ee-8f77-adeb5d4fc223"

    var plugin: any VendorPlugin.Type {
        switch self {
        case .pega: PegaPlugin.self
        case .talkative: TalkativePlugin.self
        case .dg: DGPlugin.self
        }
    }

    /// The smallest options of a connection.
    var options: String {
        self == .pega ? #"{"region": "use1", "widgetId": "\#(Self.widgetID)"}"# : "{}"
    }

    func key() throws -> SigningKey {
        switch self {
        case .pega: .hs256(try HS256Key(secret: Fixtures.secret("pega.secret")))
        case .talkative:
            .es256(try ES256PrivateKey(contents: Fixtures.secret("talkative.private.pem"), keyID: "talkative-2026"))
        case .dg: .hs256(try HS256Key(secret: Fixtures.secret("dg.secret"), keyID: "dg_live_1"))
        }
    }

    func connection(_ options: String? = nil, key: SigningKey? = nil) throws -> VendorConnection {
        let keys = ConnectionKeys(NamedKey(name: "\(rawValue)-key", key: try key ?? self.key()))
        return try Self.connect(plugin, options ?? self.options, "\(rawValue)-test", keys)
    }

    static func connect<Plugin: VendorPlugin>(
        _ plugin: Plugin.Type, _ options: String, _ name: String, _ keys: ConnectionKeys
    ) throws -> VendorConnection {
        try plugin.connect(name, settings: plugin.settings(json: options.utf8), keys: keys)
    }

    /// The session of the vendor's tokens, if they are bound to one.
    func session() throws -> SessionPurpose? {
        self == .pega ? .existing(try SessionID(Self.session)) : nil
    }

    /// A token for a customer, at the fixed moment.
    func signed(by connection: VendorConnection, subject: String = "customer-4711") throws -> SignedIdentity {
        try connection.sign(
            .customer(try Customer(subject: subject)),
            in: SigningContext(time: Moment.fixed, requestID: "request-1", session: session()))
    }
}
