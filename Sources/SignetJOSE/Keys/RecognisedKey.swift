import SignetSystem

/// A key as it was found in a file.
package enum RecognisedKey {
    case privateKey(ES256PrivateKey)
    case publicKey(ES256PublicKey)
    case secret(SecretBytes, keyID: String?)
}

extension KeyFile {
    /// The key of a PEM file or a JWK, or nil where the contents are neither: an HMAC secret, then.
    package static func recognised(
        _ contents: SecretBytes, passphrase: SecretBytes?
    ) throws(SignetError) -> RecognisedKey? {
        let content: Content
        do {
            content = try read(contents, passphrase: passphrase)
        } catch {
            guard error.isFault(KeyFault.unrecognised) else { throw error }
            guard let material = contents.withUnsafeBytes({ AsymmetricMaterial.found(in: $0) }) else {
                if contents.withUnsafeBytes(SqueezedText.isUTF16) { throw SecretEncoding.utf16 }
                return nil
            }
            throw SignetError(
                KeyFault.unrecognised, "\(material.name) is neither a PEM file nor a JWK", hint: error.hint)
        }
        switch content {
        case .privateKey(let key, let keyID): return .privateKey(try ES256PrivateKey(key, keyID: keyID))
        case .publicKey(let key, let keyID): return .publicKey(try ES256PublicKey(key, keyID: keyID))
        case .secret(let secret, let keyID): return .secret(secret, keyID: keyID)
        }
    }
}
