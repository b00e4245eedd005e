import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// A configuration that was read and found to be whole. Nothing of it has been loaded: no key is in memory.
public struct Configuration: Sendable {
    /// The file as it was named.
    public var file: String { source.file }
    /// The keys by their names, in the order of the file.
    public let keys: [KeyEntry]
    /// The connections, in the order of the file.
    public let connections: [ConnectionEntry]
    /// The routes.
    public let routes: RouteTable
    /// The name of the key for digests and the audit.
    public let digestKey: String?
    /// What it says about the gateway.
    public let gateway: GatewaySettings
    /// What is worth a look without being wrong.
    public let warnings: [Diagnostic]

    /// The files with pinned subjects that are in force, resolved, whether they were read or not.
    package let pinFiles: [String]
    package let source: ConfigurationSource

    /// One key and where it comes from.
    public struct KeyEntry: Sendable {
        /// The key's name.
        public let name: String
        /// Where its bytes are.
        public let origin: KeyOrigin
        /// How an HMAC secret's text stands for its bytes; nil for a PEM file or a JWK.
        public let encoding: SecretEncoding?
        /// The `kid` of its tokens.
        public let keyID: String?
        /// Where the passphrase of an encrypted private key is.
        public let passphrase: KeyOrigin?
        /// Whether an HMAC secret may be shorter than 32 bytes.
        public let allowsShortSecret: Bool
        /// From when until when it signs.
        public let window: KeyWindow

        /// The one algorithm of the key.
        public var algorithm: JWSAlgorithm { encoding == nil ? .es256 : .hs256 }
    }

    /// Where the bytes of a secret are.
    public enum KeyOrigin: Sendable, Hashable {
        /// In a file; the path is resolved.
        case file(String)
        /// In an environment variable.
        case environment(String)
        /// A credential that systemd passed in, by its name under `$CREDENTIALS_DIRECTORY`.
        case credential(String)
        /// The output of a command: its program, whose path is resolved, and its arguments.
        case command([String])
    }

    /// One connection, its keys by their names.
    public struct ConnectionEntry: Sendable {
        /// The connection's name.
        public let name: String
        /// The vendor's name.
        public let vendor: String
        /// The names of its keys; of those whose time it is, the first signs.
        public let keys: [String]
        /// Makes the connection once there are keys.
        package let connect: @Sendable (ConnectionKeys) throws(SignetError) -> VendorConnection
    }
}

extension Configuration {
    /// Reads a configuration file.
    ///
    /// - Parameters:
    ///   - path: The file: JSON, with comments and trailing commas allowed. `-` is standard input.
    ///   - plugins: The vendors that can be configured.
    ///   - pins: Which files of pinned subjects are read.
    /// - Throws: ``ConfigurationError`` with all faults at once; a syntax error comes alone.
    public static func read(
        _ path: String, plugins: [any VendorPlugin.Type], pins: PinScope = .inForce
    ) throws(ConfigurationError) -> Configuration {
        let bytes: [UInt8]
        do {
            bytes = try FileReading.bytes(atPath: path)
        } catch {
            let hint =
                error.isFault(FileFault.notFound) ? "signet init makes one; -c FILE or $SIGNET_CONFIG names one" : nil
            throw ConfigurationError([
                Diagnostic(
                    file: path, position: nil, path: "", message: "the configuration cannot be read: \(error.reason)",
                    hint: hint, isExternal: true)
            ])
        }
        return try read(bytes, file: path, plugins: plugins, pins: pins)
    }

    /// Reads a configuration from memory; `file` is what messages call it and where relative paths start.
    public static func read(
        _ bytes: [UInt8], file: String, plugins: [any VendorPlugin.Type], pins: PinScope = .inForce
    ) throws(ConfigurationError) -> Configuration {
        let source = try ConfigurationSource(file: file, bytes: bytes)
        var reader = ConfigurationReader(source: source, plugins: plugins, pinScope: pins)
        return try reader.read()
    }
}
