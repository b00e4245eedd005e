import SignetIdentity
import SignetJOSE
import SignetSystem

/// Loads keys of a configuration, each at most once.
package struct KeyLoader {
    /// A key in memory.
    package struct Loaded {
        package let entry: Configuration.KeyEntry
        package let key: SigningKey
        /// The status of the key's file, if it is a file.
        package let status: FileStatus?
    }

    private let source: ConfigurationSource
    private let isCancelled: @Sendable () -> Bool
    private var loaded: [String: Loaded] = [:]

    /// - Parameter isCancelled: Called again and again while a command runs; true ends the waiting.
    package init(_ source: ConfigurationSource, unless isCancelled: @escaping @Sendable () -> Bool = { false }) {
        self.source = source
        self.isCancelled = isCancelled
    }

    /// Loads one key.
    ///
    /// - Throws: ``ConfigurationError`` at the key's entry.
    package mutating func load(_ entry: Configuration.KeyEntry) throws(ConfigurationError) -> Loaded {
        if let known = loaded[entry.name] { return known }
        let (contents, status) = try read(entry.origin, of: entry, named: entry.origin.member)
        var passphrase: SecretBytes?
        if let origin = entry.passphrase {
            let (contents, _) = try read(origin, of: entry, named: "passphrase")
            passphrase = contents.withUnsafeBytes { SecretBytes(copying: SecretEncoding.withoutLineEnd($0)) }
        }
        do {
            let key = try Self.key(entry, contents, passphrase: passphrase)
            let result = Loaded(entry: entry, key: key, status: status)
            loaded[entry.name] = result
            return result
        } catch {
            throw fault(entry, [], error.reason, hint: error.hint, isExternal: false)
        }
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

    private func read(
        _ origin: Configuration.KeyOrigin, of entry: Configuration.KeyEntry, named member: String
    ) throws(ConfigurationError) -> (SecretBytes, FileStatus?) {
        do {
            switch origin {
            case .file(let path):
                let (secret, status) = try FileReading.secret(atPath: path)
                return (secret, status)
            case .environment(let name):
                guard let value = FileReading.environment(name) else {
                    throw fault(
                        entry, [member], "the environment variable \(name) is not set",
                        hint: "export it, or use \"file\"")
                }
                return (value, nil)
            case .credential(let name):
                guard let path = Credentials.path(name) else {
                    throw fault(
                        entry, [member], "there are no credentials here: $CREDENTIALS_DIRECTORY is not set",
                        hint: "systemd sets it for a unit with LoadCredential=\(name):…; elsewhere use \"file\"")
                }
                // systemd chooses its mode, and what looks like the group's bits may be an access control list.
                return (try FileReading.secret(atPath: path).0, nil)
            case .command(let command):
                return (try KeyCommand(command).output(unless: isCancelled), nil)
            }
        } catch {
            if let error = error as? ConfigurationError { throw error }
            let coded = error as? any CodedError
            throw fault(entry, [member], coded?.reason ?? "\(error)", hint: coded?.hint)
        }
    }

    private func fault(
        _ entry: Configuration.KeyEntry, _ members: [String], _ message: String, hint: String?, isExternal: Bool = true
    ) -> ConfigurationError {
        ConfigurationError([
            source.diagnostic(["keys", entry.name] + members, message, hint: hint, isExternal: isExternal)
        ])
    }
}

extension Configuration.KeyOrigin {
    /// The member of a key that has this origin.
    var member: String {
        switch self {
        case .file: "file"
        case .environment: "env"
        case .credential: "credential"
        case .command: "exec"
        }
    }
}

/// What systemd passes to a service by `LoadCredential=` and similar settings (systemd.exec(5)).
package enum Credentials {
    /// The file of a credential; nil where systemd passed none.
    package static func path(_ name: String) -> String? {
        guard let folder = getenv("CREDENTIALS_DIRECTORY"), folder.pointee != 0 else { return nil }
        return "\(String(cString: folder))/\(name)"
    }
}
