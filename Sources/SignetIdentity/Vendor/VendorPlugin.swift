import SignetJOSE
import SignetSystem

/// Declares a vendor: its options, and how a connection is made from them and its keys.
///
/// The declaration is the one place from which the configuration's checks and hints, the JSON Schema and `signet vendors`
/// are taken. Adding a vendor takes one type like this and one entry in the list of plugins.
///
/// Every conforming type passes ``VendorPluginConformance/problems(of:)``; run it in your tests, and
/// ``IdentitySignerConformance`` with a connection of yours.
public protocol VendorPlugin: Sendable {
    /// The settings of one connection, checked.
    associatedtype Settings: Sendable

    /// What the vendor is called, what its keys are and which options a connection has.
    static var vendor: Vendor { get }

    /// Makes settings of options that already have the declared types, and checks how they go together.
    ///
    /// - Throws: ``SignetError`` for options that do not go together.
    static func settings(from options: OptionValues) throws(SignetError) -> Settings

    /// Makes the connection. Called by ``connect(_:settings:keys:)``, which has checked that the keys fit the vendor.
    static func connection(named name: String, settings: Settings, keys: ConnectionKeys) -> VendorConnection
}

extension VendorPlugin {
    /// Makes settings of a JSON object of options, checked as the configuration checks them; `vendor` and `key` do not
    /// belong to it. For tests of plugins, and for programs that keep their options elsewhere.
    ///
    /// - Throws: ``SignetError``, the first that is found.
    public static func settings(json bytes: some Collection<UInt8>) throws(SignetError) -> Settings {
        let node: JSONNode
        do {
            node = try JSONReader.read(bytes)
        } catch {
            throw SignetError(optionPath: [], message: "not strict JSON: \(error.reason)", hint: error.hint)
        }
        var check = OptionCheck()
        check.check(node, as: .object(vendor.options, rules: vendor.rules), at: [])
        if let fault = check.faults.first {
            throw SignetError(optionPath: fault.path, message: fault.message, hint: fault.hint)
        }
        return try settings(from: OptionValues(node, declared: vendor.options))
    }

    /// Makes a connection of settings and keys, in memory or out of a configuration.
    ///
    /// - Throws: ``SignetError`` where the name is no name, or a key's algorithm or `kid` is not what the vendor wants.
    public static func connect(
        _ name: String, settings: Settings, keys: ConnectionKeys
    ) throws(SignetError) -> VendorConnection {
        guard StringForm.name.accepts(name) else {
            throw SignetError(optionPath: [], message: "a connection's name is \(StringForm.name.hint)")
        }
        for key in keys.all {
            if let fault = vendor.fault(ofKey: key.name, key.key.algorithm, keyID: key.key.keyID) { throw fault }
        }
        return connection(named: name, settings: settings, keys: keys)
    }
}
