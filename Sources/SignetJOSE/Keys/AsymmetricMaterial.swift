import COpenSSL
import SignetSystem

/// Asymmetric key material that is offered as an HMAC secret. A public key as a secret lets anyone forge tokens: the oldest
/// attack on JWT.
///
/// The search ignores white space, NUL, invisible characters and the case of labels. It decodes base64, hexadecimal and
/// escapes, up to four times.
struct AsymmetricMaterial {
    private let form: Form
    private var wrappings: [TextWrapping] = []
    private let isUTF16: Bool

    /// The limit for encodings inside encodings.
    private static let maximumDepth = 4

    /// The material in `bytes`, or nil for an ordinary secret.
    static func found(in bytes: UnsafeRawBufferPointer) -> AsymmetricMaterial? {
        found(in: bytes, unwrapped: 0)
    }

    /// Refuses key material of any other kind than an HMAC secret.
    static func refuse(in secret: SecretBytes) throws(SignetError) {
        guard let material = secret.withUnsafeBytes({ found(in: $0) }) else { return }
        throw SignetError(
            KeyFault.asymmetricAsSecret, "\(material.name) is not an HMAC secret",
            hint: "anyone who has the public key could sign; use the vendor's shared secret")
    }

    private static func found(in bytes: UnsafeRawBufferPointer, unwrapped depth: Int) -> AsymmetricMaterial? {
        // No key is shorter, in any form.
        guard bytes.count >= 16 else { return nil }
        let text = NormalisedText.of(bytes)
        if let form = Form(bytes, text) {
            return AsymmetricMaterial(form: form, isUTF16: NormalisedText.isUTF16(bytes))
        }
        guard depth < maximumDepth else { return nil }
        for wrapping in TextWrapping.allCases {
            for inner in wrapping.inside(text) {
                if var material = inner.withUnsafeBytes({ found(in: $0, unwrapped: depth + 1) }) {
                    material.wrappings.insert(wrapping, at: 0)
                    return material
                }
            }
        }
        // Text before or inside the base64 can shift its groups, so that decoding finds nothing.
        let isPublicKey =
            depth == 0 && text.withUnsafeBytes { $0.index(of: Self.publicKeyStart, ignoringCase: false) != nil }
        return isPublicKey ? AsymmetricMaterial(form: .der, isUTF16: NormalisedText.isUTF16(bytes)) : nil
    }

    /// The start of every P-256 public key in base64.
    private static let publicKeyStart: StaticString = "MFkwEwYHKoZIzj0CAQ"

    /// The material in words: `the base64 of a PEM file`.
    var name: String {
        wrappings.reversed().reduce(isUTF16 ? "\(form.rawValue) in UTF-16" : form.rawValue) { name, wrapping in
            switch wrapping {
            case .base64: "the base64 of \(name)"
            case .hexadecimal: "the hexadecimal of \(name)"
            case .escapes: "\(name) with escaped characters"
            }
        }
    }

    static let hintForPEM = "-----BEGIN and -----END have to be on their own lines, without a space before them"
    static let hintForDER =
        "a PEM file starts with -----BEGIN; DER is converted by: openssl pkey -inform DER -in FILE"

    /// The hint where a PEM file or a JWK is wanted.
    var hint: String {
        switch wrappings.first {
        case .base64: return "this is \(name): decode it first, with base64 -d"
        case .hexadecimal: return "this is \(name): decode it first, with xxd -r -p"
        case .escapes: return "this is \(name): write the characters themselves"
        case nil: break
        }
        if isUTF16 { return "this is \(name): convert it with iconv -f UTF-16 -t UTF-8" }
        switch form {
        case .der: return Self.hintForDER
        case .container:
            return "this is \(name): openssl pkcs12 -in FILE -nocerts -noenc takes the key out of PKCS#12"
        case .ssh: return "this is \(name): ssh-keygen -p -m PKCS8 -f FILE makes a PEM file of a private key"
        case .pem: return Self.hintForPEM
        case .jwk, .keyStore, .point: return "this is \(name); a PEM file starts with -----BEGIN, a JWK with {"
        }
    }
}

// MARK: Forms

extension AsymmetricMaterial {
    private enum Form: String {
        case pem = "a PEM file"
        case jwk = "a JWK"
        case ssh = "an SSH key"
        case der = "a DER-encoded key"
        case container = "a PKCS#12 or PKCS#7 file"
        case keyStore = "a Java key store"
        case point = "a public key's point"

        /// Recognises the form of `bytes`; `text` is the normalised text of the same bytes.
        init?(_ bytes: UnsafeRawBufferPointer, _ text: SecretBytes) {
            let start = bytes.firstIndex { !NormalisedText.isSpace($0) } ?? bytes.endIndex
            let binary = UnsafeRawBufferPointer(rebasing: bytes[start...])
            let form: Form? = text.withUnsafeBytes { text in
                if Self.isSSHKey(bytes, text) { return .ssh }
                if Self.isPEM(bytes, text) { return .pem }
                if Self.isJWK(text) { return .jwk }
                return nil
            }
            if let form {
                self = form
            } else if Self.isContainer(binary) {
                self = .container
            } else if Self.isDER(binary) {
                self = .der
            } else if Self.isKeyStore(binary) {
                self = .keyStore
            } else if Self.isPoint(binary) {
                self = .point
            } else {
                return nil
            }
        }

        private static func isPEM(_ bytes: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer) -> Bool {
            if bytes.contains("-----begin ") || bytes.contains("-----begin\t") { return true }
            // The normalised text has no white space, so a label is recognised by its words.
            let words: [StaticString] = ["key", "certificate", "parameters", "pkcs", "cms", "x509", "pgp"]
            let begin: StaticString = "-begin"
            var rest = text
            while let index = rest.index(of: begin) {
                rest = UnsafeRawBufferPointer(rebasing: rest[(index + begin.utf8CodeUnitCount)...])
                let label = UnsafeRawBufferPointer(rebasing: rest.prefix(40).prefix { $0 != UInt8(ascii: "-") })
                if words.contains(where: label.contains) { return true }
            }
            return false
        }

        /// OpenSSH's public key lines, with or without options, its binary keys, and the forms of RFC 4716 and PuTTY.
        /// OpenSSH's private keys are PEM.
        private static func isSSHKey(_ bytes: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer) -> Bool {
            // Base64 of the length and the start of "ssh-rsa", "ssh-dss", "ssh-ed25519", "ecdsa-sha2-nistp256" and so on.
            let starts: [StaticString] = [
                "AAAAB3NzaC1", "AAAAC3NzaC1", "AAAACXNzaC1", "AAAAE2VjZHNhLXNoYTIt", "AAAAGnNrLX", "AAAAInNrLW",
            ]
            if starts.contains(where: { text.index(of: $0, ignoringCase: false) != nil }) { return true }
            let names: [StaticString] = [
                "beginssh2", "putty-user-key-file-", "-cert-v01@openssh.comaaaa", "openssh-key-v1",
            ]
            if names.contains(where: text.contains) { return true }
            let types: [StaticString] = ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"]
            return bytes.starts(with: [0, 0, 0])
                && types.contains { UnsafeRawBufferPointer(rebasing: bytes.dropFirst(4)).index(of: $0) == 0 }
        }

        /// Searches for members and does not parse: a JWK that is not strict JSON is refused too, also in an array or a
        /// string, and parsing would copy it.
        private static func isJWK(_ text: UnsafeRawBufferPointer) -> Bool {
            let members: [StaticString] = ["\"kty\":", "{kty:", ",kty:", "kty:ec", "kty:rsa", "kty:okp"]
            return members.contains(where: text.contains)
        }

        /// PKCS#12 and PKCS#7 have an object identifier of the arc 1.2.840.113549.1.7 at their start.
        private static func isContainer(_ bytes: UnsafeRawBufferPointer) -> Bool {
            let arc: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07]
            return bytes.first == 0x30
                && (0..<40).contains {
                    $0 + arc.count <= bytes.count && bytes[$0..<($0 + arc.count)].elementsEqual(arc)
                }
        }

        /// The magic number and version of JKS and JCEKS.
        private static func isKeyStore(_ bytes: UnsafeRawBufferPointer) -> Bool {
            let magic: [[UInt8]] = [[0xFE, 0xED, 0xFE, 0xED], [0xCE, 0xCE, 0xCE, 0xCE]]
            return magic.contains { bytes.starts(with: $0) } && bytes.dropFirst(4).starts(with: [0, 0, 0])
        }

        /// An uncompressed point of P-256 (SEC 1 §2.3.3), the form of Web Push keys.
        private static func isPoint(_ bytes: UnsafeRawBufferPointer) -> Bool {
            guard bytes.count == 65, bytes[0] == 0x04 else { return false }
            return (try? EllipticCurveKey.make(x: Array(bytes[1..<33]), y: Array(bytes[33...]), privateNumber: nil))
                != nil
        }

        /// Whether OpenSSL reads a public key, a private key or a certificate at the start of the bytes.
        private static func isDER(_ bytes: UnsafeRawBufferPointer) -> Bool {
            // This sorts out most secrets. OpenSSL would take a hundred times as long.
            guard DER.startsWithValue(bytes), let start = bytes.bindMemory(to: UInt8.self).baseAddress else {
                return false
            }
            defer { ERR_clear_error() }
            let readers: [(inout UnsafePointer<UInt8>?) -> Bool] = [
                { cursor in freeing(d2i_PUBKEY(nil, &cursor, bytes.count), EVP_PKEY_free) },
                { cursor in freeing(d2i_AutoPrivateKey(nil, &cursor, bytes.count), EVP_PKEY_free) },
                { cursor in freeing(d2i_PublicKey(EVP_PKEY_RSA, nil, &cursor, bytes.count), EVP_PKEY_free) },
                { cursor in freeing(d2i_X509(nil, &cursor, bytes.count), X509_free) },
                { cursor in freeing(d2i_X509_REQ(nil, &cursor, bytes.count), X509_REQ_free) },
                { cursor in freeing(d2i_PKCS8_PRIV_KEY_INFO(nil, &cursor, bytes.count), PKCS8_PRIV_KEY_INFO_free) },
                { cursor in freeing(d2i_X509_SIG(nil, &cursor, bytes.count), X509_SIG_free) },
            ]
            return readers.contains { reader in
                var cursor: UnsafePointer<UInt8>? = start
                return reader(&cursor)
            }
        }

        private static func freeing(_ object: OpaquePointer?, _ free: (OpaquePointer?) -> Void) -> Bool {
            guard let object else { return false }
            free(object)
            return true
        }
    }
}
