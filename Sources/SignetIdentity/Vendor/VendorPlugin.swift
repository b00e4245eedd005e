import SignetJOSE
import SignetSystem

/// Declares a vendor: its options, and how a connection is made from options and keys.
///
/// The configuration's checks and hints, the JSON Schema and `signet vendors` all come from this declaration. A new vendor
/// needs one type like this and one entry in the list of plugins.
///
/// Test your type with ``VendorPluginConformance/problems(of:)``, and a connection of it with ``IdentitySignerConformance``.
public protocol VendorPlugin: Sendable {
    /// The settings of one connection, checked.
    associatedtype Settings: Sendable

    /// The vendor's name, its kind of keys and the options of a connection.
    static var vendor: Vendor { get }

    /// Makes settings from options. Their types have been checked already.
    ///
    /// - Throws: ``SignetError`` for options that contradict each other.
    static func settings(from options: OptionValues) throws(SignetError) -> Settings

    /// Makes the connection. ``connect(_:settings:keys:)`` calls this after it has checked that the keys fit the vendor.
    static func connection(named name: String, settings: Settings, keys: ConnectionKeys) -> VendorConnection
}

extension VendorPlugin {
    /// Makes settings from a JSON object of options, without `vendor` and `key`, by the same checks as the configuration's.
    /// For tests of plugins, and for programs that keep their options elsewhere.
    ///
    /// - Throws: ``SignetError`` for the first fault.
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

    /// Makes a connection from settings and keys.
    ///
    /// - Throws: ``SignetError`` for an invalid name, and for a key whose algorithm or `kid` does not fit the vendor.
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
