import SignetIdentity
import SignetJOSE
import SignetSystem

/// A key file that is named on the command line, of any kind.
struct KeyReading {
    /// What a key file holds.
    enum Content {
        case privateKey(ES256PrivateKey)
        case publicKey(ES256PublicKey)
        case secret(SecretBytes, keyID: String?)
    }

    /// The file's name in messages.
    let name: String
    let content: Content
    /// Why the configuration would refuse this secret. Only for a secret without `--encoding`.
    let doubt: SignetError?
    let status: FileStatus

    /// Reads a file. A secret's text is decoded by `--encoding`. Without it, PEM and JWK are recognised, and any other content is the
    /// secret.
    ///
    /// - Parameter refusesOpenModes: Whether a secret that other users may read is refused.
    init(_ path: String, _ invocation: Invocation, refusesOpenModes: Bool = true) throws(CommandFailure) {
        try invocation.refuseStandardInputTwice([path, invocation.value("--passphrase-file")])
        let encoding = try invocation.encoding()
        let passphrase = try Self.passphrase(invocation)
        let (contents, status) = try reporting {
            try FileReading.secret(atPath: path, refusingOpenModes: false)
        }
        let name = StandardInput.name(of: path)
        self.name = name
        self.status = status
        do {
            content = try Self.content(contents, encoding, passphrase)
        } catch {
            let hint =
                error.isFault(KeyFault.encrypted)
                ? "put the passphrase into a file and name it with --passphrase-file FILE" : error.hint
            throw CommandFailure(.wrongUse, "\(name): \(error.reason)", hint: hint)
        }
        if case .secret(_, nil) = content, encoding == nil {
            doubt = SecretEncoding.doubt(about: contents)
        } else {
            doubt = nil
        }
        if case .publicKey = content { return }
        if refusesOpenModes && status.isOpenToOthers {
            throw CommandFailure(SignetError(FileFault.openToOthers, path: name, detail: status.octalMode))
        }
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

    /// Checks the decoded bytes too: they may be an asymmetric key.
    private static func secret(_ secret: SecretBytes, keyID: String? = nil) throws(SignetError) -> Content {
        .secret(try HS256Key(secret: secret, keyID: keyID, allowShortSecret: true).secret, keyID: keyID)
    }

    /// The passphrase in the file that `--passphrase-file` names.
    private static func passphrase(_ invocation: Invocation) throws(CommandFailure) -> SecretBytes? {
        guard let path = invocation.value("--passphrase-file") else { return nil }
        let (contents, _) = try reporting {
            try FileReading.secret(atPath: path)
        }
        return contents.withUnsafeBytes { SecretBytes(copying: SecretEncoding.withoutLineEnd($0)) }
    }
}
