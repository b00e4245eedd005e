import SignetIdentity
import SignetJOSE
import SignetSystem

/// A key file that was named on the command line, whatever kind it is of.
struct KeyReading {
    /// What a key file holds.
    enum Content {
        case privateKey(ES256PrivateKey)
        case publicKey(ES256PublicKey)
        case secret(SecretBytes, keyID: String?)
    }

    let path: String
    let content: Content
    /// Why a secret of no said encoding would be refused in the configuration.
    let doubt: SignetError?
    let status: FileStatus

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - encoding: How a secret's text stands for its bytes; nil takes PEM and JWK for what they are, and anything else
    ///     for the secret itself.
    ///   - refusesOpenModes: Whether a secret that others may read is refused.
    init(
        _ path: String, encoding: SecretEncoding? = nil, passphrase: SecretBytes? = nil, refusesOpenModes: Bool = true
    ) throws(CommandFailure) {
        let (contents, status) = try failing({ CommandFailure($0) }) { () throws(SignetError) in
            try FileReading.secret(atPath: path, refusingOpenModes: false)
        }
        self.path = path
        self.status = status
        content = try failing({ Self.failure($0, in: path) }) { () throws(SignetError) in
            try Self.content(contents, encoding, passphrase)
        }
        if case .secret(_, nil) = content, encoding == nil {
            doubt = SecretEncoding.doubt(about: contents)
        } else {
            doubt = nil
        }
        if case .publicKey = content { return }
        if refusesOpenModes && status.isOpenToOthers {
            throw CommandFailure(SignetError(FileFault.openToOthers, path: path, detail: status.octalMode))
        }
    }

    /// Key material that was refused, told in the command's own flags.
    private static func failure(_ error: SignetError, in path: String) -> CommandFailure {
        guard error.isFault(KeyFault.encrypted) else { return CommandFailure(error, in: path) }
        return CommandFailure(
            .wrongUse, "\(path): \(error.reason)", hint: "--passphrase-file FILE names a file that holds it")
    }

    private static func content(
        _ contents: SecretBytes, _ encoding: SecretEncoding?, _ passphrase: SecretBytes?
    ) throws(SignetError) -> Content {
        if let encoding { return try secret(try encoding.decode(contents)) }
        switch try KeyFile.recognised(contents, passphrase: passphrase) {
        case .privateKey(let key): return .privateKey(key)
        case .publicKey(let key): return .publicKey(key)
        case .secret(let secret, let keyID): return try Self.secret(secret, keyID: keyID)
        case nil:
            let secret = contents.withUnsafeBytes { SecretBytes(copying: SecretEncoding.withoutLineEnd($0)) }
            return .secret(secret, keyID: nil)
        }
    }

    /// What was decoded may be another key, as what it was decoded from may.
    private static func secret(_ secret: SecretBytes, keyID: String? = nil) throws(SignetError) -> Content {
        .secret(try HS256Key(secret: secret, keyID: keyID, allowShortSecret: true).secret, keyID: keyID)
    }

    /// The passphrase that a flag names a file for.
    static func passphrase(_ invocation: Invocation) throws(CommandFailure) -> SecretBytes? {
        guard let path = invocation.value("--passphrase-file") else { return nil }
        let (contents, _) = try failing({ CommandFailure($0) }) { () throws(SignetError) in
            try FileReading.secret(atPath: path)
        }
        return contents.withUnsafeBytes { SecretBytes(copying: SecretEncoding.withoutLineEnd($0)) }
    }
}

extension Flag {
    static let passphraseFile = valued(
        "--passphrase-file", "FILE", "A file with the passphrase of an encrypted private key.", completion: .file)
}
