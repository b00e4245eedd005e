import SignetSystem

/// Reads whatever key a file holds: PEM or JWK, private or public.
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
        // `openssl ecparam -genkey` without -noout puts the curve's name in front of the key.
        let keys = blocks.filter { $0.label != "EC PARAMETERS" }
        guard let block = keys.first else {
            throw SignetError(KeyFault.wrongKind, "the PEM file holds EC PARAMETERS and no key")
        }
        guard keys.count == 1 else {
            throw SignetError(
                KeyFault.several, "the PEM file holds \(keys.count) keys", hint: "put each into a file of its own")
        }
        let text = UnsafeRawBufferPointer(rebasing: bytes[block.range])
        if PEM.privateLabels.contains(block.label) {
            return .privateKey(try PEM.privateKey(in: text, passphrase: passphrase), keyID: nil)
        }
        if block.label == PEM.publicLabel {
            return .publicKey(try PEM.publicKey(in: text), keyID: nil)
        }
        throw SignetError(
            KeyFault.wrongType, "the PEM file holds a \"\(block.label)\", which is no P-256 key",
            hint: "wanted: EC PRIVATE KEY, PRIVATE KEY, ENCRYPTED PRIVATE KEY or PUBLIC KEY")
    }
}
