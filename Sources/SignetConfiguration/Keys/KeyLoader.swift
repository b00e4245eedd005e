import SignetIdentity
import SignetJOSE
import SignetSystem

/// Loads the keys of a configuration, only those that are asked for, each once.
package struct KeyLoader {
    /// A key in memory.
    package struct Loaded {
        package let entry: Configuration.KeyEntry
        package let key: SigningKey
        /// The file's mode, if it is one.
        package let status: FileStatus?
    }

    private let source: ConfigurationSource
    private let isCancelled: @Sendable () -> Bool
    private var loaded: [String: Loaded] = [:]

    /// - Parameter isCancelled: Looked at while a command is waited for; true ends the waiting.
    package init(_ source: ConfigurationSource, unless isCancelled: @escaping @Sendable () -> Bool = { false }) {
        self.source = source
        self.isCancelled = isCancelled
    }

    /// Loads one key.
    ///
    /// - Throws: ``ConfigurationError`` placed at the key's entry.
    package mutating func load(_ entry: Configuration.KeyEntry) throws(ConfigurationError) -> Loaded {
        if let known = loaded[entry.name] { return known }
        let (contents, status) = try read(entry.origin, of: entry, named: entry.origin.member)
        let key: SigningKey
        do {
            key = try Self.key(entry, contents, passphrase: try passphrase(of: entry))
        } catch let error as SignetError {
            throw fault(entry, [], error.reason, hint: error.hint)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw fault(entry, [], "\(error)")
        }
        let result = Loaded(entry: entry, key: key, status: status)
        loaded[entry.name] = result
        return result
    }

    private static func key(
        _ entry: Configuration.KeyEntry, _ contents: SecretBytes, passphrase: SecretBytes?
    ) throws(SignetError) -> SigningKey {
        guard let encoding = entry.encoding else {
            return .es256(try ES256PrivateKey(contents: contents, passphrase: passphrase, keyID: entry.keyID))
        }
        return .hs256(
            try HS256Key(
                secret: try encoding.decode(contents), keyID: entry.keyID, allowShortSecret: entry.allowsShortSecret))
    }

    private func passphrase(of entry: Configuration.KeyEntry) throws(ConfigurationError) -> SecretBytes? {
        guard let origin = entry.passphrase else { return nil }
        let (contents, _) = try read(origin, of: entry, named: "passphrase")
        return contents.withUnsafeBytes { SecretBytes(copying: SecretEncoding.withoutLineEnd($0)) }
    }

    private func read(
        _ origin: Configuration.KeyOrigin, of entry: Configuration.KeyEntry, named member: String
    ) throws(ConfigurationError) -> (SecretBytes, FileStatus?) {
        switch origin {
        case .file(let path):
            do {
                let (secret, status) = try FileReading.secret(atPath: path)
                return (secret, status)
            } catch {
                throw fault(entry, [member], error.reason, hint: error.hint, isExternal: true)
            }
        case .environment(let name):
            guard let value = FileReading.environment(name) else {
                throw fault(
                    entry, [member], "the environment variable \(name) is not set", hint: "export it, or use \"file\"",
                    isExternal: true)
            }
            return (value, nil)
        case .credential(let name):
            guard let path = Credentials.path(name) else {
                throw fault(
                    entry, [member], "there are no credentials here: $CREDENTIALS_DIRECTORY is not set",
                    hint: "systemd sets it for a unit with LoadCredential=\(name):…; elsewhere use \"file\"",
                    isExternal: true)
            }
            do {
                // Its mode is systemd's choice, and an access list may stand behind what looks like the group.
                return (try FileReading.secret(atPath: path).0, nil)
            } catch {
                throw fault(entry, [member], error.reason, hint: error.hint, isExternal: true)
            }
        case .command(let command):
            do {
                return (try KeyCommand(command).output(unless: isCancelled), nil)
            } catch {
                throw fault(entry, [member], error.reason, hint: error.hint, isExternal: true)
            }
        }
    }

    private func fault(
        _ entry: Configuration.KeyEntry, _ members: [String], _ message: String, hint: String? = nil,
        isExternal: Bool = false
    ) -> ConfigurationError {
        ConfigurationError([
            source.diagnostic(["keys", entry.name] + members, message, hint: hint, isExternal: isExternal)
        ])
    }
}

extension Configuration.KeyOrigin {
    /// The member of a key that says where it is.
    var member: String {
        switch self {
        case .file: "file"
        case .environment: "env"
        case .credential: "credential"
        case .command: "exec"
        }
    }
}
