import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// A configuration that was read and has no fault. Its keys are not loaded.
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
    /// The gateway's settings.
    public let gateway: GatewaySettings
    /// Warnings: things to look at that are not faults.
    public let warnings: [Diagnostic]

    /// The pin files in force, with resolved paths, whether they were read or not.
    package let pinFiles: [String]
    package let source: ConfigurationSource

    /// One key and its source.
    public struct KeyEntry: Sendable {
        /// The key's name.
        public let name: String
        /// The source of its bytes.
        public let origin: KeyOrigin
        /// How an HMAC secret's text encodes its bytes; nil for a PEM file or a JWK.
        public let encoding: SecretEncoding?
        /// The `kid` of its tokens.
        public let keyID: String?
        /// The source of the passphrase of an encrypted private key.
        public let passphrase: KeyOrigin?
        /// Whether an HMAC secret may be shorter than 32 bytes.
        public let allowsShortSecret: Bool
        /// The time window in which it signs.
        public let window: KeyWindow

        /// The one algorithm of the key.
        public var algorithm: JWSAlgorithm { encoding == nil ? .es256 : .hs256 }
    }

    /// The source of a secret.
    public enum KeyOrigin: Sendable, Hashable {
        /// A file; the path is resolved.
        case file(String)
        /// An environment variable.
        case environment(String)
        /// A credential that systemd passed in, by its name under `$CREDENTIALS_DIRECTORY`.
        case credential(String)
        /// The output of a command: the program with its resolved path, and its arguments.
        case command([String])
    }

    /// One connection, its keys by their names.
    public struct ConnectionEntry: Sendable {
        /// The connection's name.
        public let name: String
        /// The vendor's name.
        public let vendor: String
        /// The names of its keys. The first whose window contains the moment signs.
        public let keys: [String]
        /// Makes the connection from loaded keys.
        package let connect: @Sendable (ConnectionKeys) throws(SignetError) -> VendorConnection
    }
}

extension Configuration {
    /// Reads a configuration file.
    ///
    /// - Parameters:
    ///   - path: The file: JSON, with comments and trailing commas. `-` is standard input.
    ///   - plugins: The vendors that can be configured.
    ///   - pins: The pin files to read.
    /// - Throws: ``ConfigurationError`` with all faults at once. A syntax error comes alone.
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

    /// Reads a configuration from memory. Messages name `file`, and relative paths start at its directory.
    public static func read(
        _ bytes: [UInt8], file: String, plugins: [any VendorPlugin.Type], pins: PinScope = .inForce
    ) throws(ConfigurationError) -> Configuration {
        let source = try ConfigurationSource(file: file, bytes: bytes)
        var reader = ConfigurationReader(source: source, plugins: plugins, pinScope: pins)
        return try reader.read()
    }
}
