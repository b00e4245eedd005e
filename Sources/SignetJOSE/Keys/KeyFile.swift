import SignetSystem

/// Reads a key file: PEM or JWK, private or public.
package enum KeyFile {
    enum Content {
        case privateKey(EllipticCurveKey, keyID: String?)
        case publicKey(EllipticCurveKey, keyID: String?)
        case secret(SecretBytes, keyID: String?)
    }

    static func read(_ contents: SecretBytes, passphrase: SecretBytes?) throws(SignetError) -> Content {
        guard contents.count > 0 else { throw SignetError(KeyFault.empty, "the key file is empty") }
        return try contents.withUnsafeBytes { bytes throws(SignetError) -> Content in
            guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else {
                throw SignetError(
                    KeyFault.damaged, "the key file starts with a byte order mark", hint: "save it as UTF-8 without one"
                )
            }
            let blocks = try PEM.blocks(in: bytes)
            if !blocks.isEmpty { return try read(blocks, of: bytes, passphrase: passphrase) }
            let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
            if first == UInt8(ascii: "{") { return try JWK.read(bytes) }
            guard !bytes.contains("-----begin ") else {
                throw SignetError(
                    KeyFault.damaged, "the PEM file's lines are joined or indented",
                    hint: bytes.contains(UInt8(ascii: "\\"))
                        ? "its line breaks are written out as \\n: put real ones in their place"
                        : AsymmetricMaterial.hintForPEM)
            }
            throw SignetError(
                KeyFault.unrecognised, "this is neither a PEM file nor a JWK",
                hint: AsymmetricMaterial.found(in: bytes)?.hint ?? AsymmetricMaterial.hintForDER)
        }
    }

    private static func read(
        _ blocks: [PEM.Block], of bytes: UnsafeRawBufferPointer, passphrase: SecretBytes?
    ) throws(SignetError) -> Content {
        // `openssl ecparam -genkey` without -noout writes a block with the curve's name before the key.
        let keys = blocks.filter { $0.label != "EC PARAMETERS" }
        guard let block = keys.first else {
            throw SignetError(KeyFault.wrongKind, "the PEM file has EC PARAMETERS and no key")
        }
        guard keys.count == 1 else {
            throw SignetError(
                KeyFault.several, "the PEM file has \(keys.count) keys", hint: "put each key into its own file")
        }
        let text = UnsafeRawBufferPointer(rebasing: bytes[block.range])
        if PEM.privateLabels.contains(block.label) {
            return .privateKey(try PEM.privateKey(in: text, passphrase: passphrase), keyID: nil)
        }
        if block.label == PEM.publicLabel {
            return .publicKey(try PEM.publicKey(in: text), keyID: nil)
        }
        throw SignetError(
            KeyFault.wrongType, "the PEM file has a \"\(block.label)\", which is not a P-256 key",
            hint: "valid: EC PRIVATE KEY, PRIVATE KEY, ENCRYPTED PRIVATE KEY or PUBLIC KEY")
    }
}

/// The key of a file.
package enum RecognisedKey {
    case privateKey(ES256PrivateKey)
    case publicKey(ES256PublicKey)
    case secret(SecretBytes, keyID: String?)
}

extension KeyFile {
    /// The key of a PEM file or a JWK. Nil if the contents are neither, and so the text of an HMAC secret.
    package static func recognised(
        _ contents: SecretBytes, passphrase: SecretBytes?
    ) throws(SignetError) -> RecognisedKey? {
        let content: Content
        do {
            content = try read(contents, passphrase: passphrase)
        } catch {
            guard error.isFault(KeyFault.unrecognised) else { throw error }
            guard let material = contents.withUnsafeBytes({ AsymmetricMaterial.found(in: $0) }) else {
                if contents.withUnsafeBytes(NormalisedText.isUTF16) { throw SecretEncoding.utf16 }
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
