import CMicroHTTPD
import SignetJOSE

/// A certificate chain and its private key, as their files hold them.
package struct TLSMaterial: Sendable {
    /// The chain in PEM: the server's own certificate first.
    let certificate: String
    /// The private key in PEM, not encrypted, with a zero byte at its end as C wants it.
    private let key: SecretBytes

    /// TLS 1.2 and 1.3 with forward secrecy and authenticated encryption, and nothing older. In GnuTLS's words.
    static let priorities =
        "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-CIPHER-ALL"
        + ":+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:%SERVER_PRECEDENCE"

    /// Takes the contents of the two files, which belong together and can be served with.
    package init(certificate: some Sequence<UInt8>, key: SecretBytes) throws(ServerError) {
        self.certificate = String(decoding: Array(certificate), as: UTF8.self)
        self.key = key.zeroTerminated
        guard self.certificate.contains("-----BEGIN CERTIFICATE-----") else {
            throw ServerError(
                .certificate, "the certificate file holds no PEM certificate",
                hint:
                    "it begins with -----BEGIN CERTIFICATE-----; convert DER with: openssl x509 -inform der -outform pem"
            )
        }
        guard !key.contains("ENCRYPTED") else {
            throw ServerError(
                .certificate,
                "the private key of the certificate is encrypted, and nobody is there to type a passphrase",
                hint: "openssl pkey -in KEY -out PLAIN, and chmod 600 PLAIN")
        }
        guard key.contains("PRIVATE KEY-----") else {
            throw ServerError(
                .certificate, "the key file of the certificate holds no PEM private key",
                hint: "it begins with -----BEGIN PRIVATE KEY----- or -----BEGIN EC PRIVATE KEY-----")
        }
        // The library says no more than no.
        guard withCStrings({ signet_mhd_accepts_tls($0, $1, Self.priorities) }) else {
            throw ServerError(
                .certificate, "the certificate and the private key are damaged or do not belong together",
                hint: "these two print the same when they do: openssl x509 -noout -pubkey -in CERTIFICATE; "
                    + "openssl pkey -pubout -in KEY")
        }
    }
}

extension TLSMaterial {
    /// Lends certificate and key to C for the length of the call.
    func withCStrings<Result>(_ body: (UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Result) -> Result {
        certificate.withCString { certificate in
            key.withUnsafeBytes { body(certificate, $0.bindMemory(to: CChar.self).baseAddress) }
        }
    }

    /// Whether it is the same certificate and the same key, to the byte.
    package func isSame(as other: TLSMaterial) -> Bool {
        certificate == other.certificate && key.hasSameBytes(as: other.key)
    }
}

extension TLSMaterial: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Nothing of the key.
    package var description: String { "a certificate and its key" }
    /// Nothing of the key.
    package var debugDescription: String { description }
    /// Nothing.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension SecretBytes {
    fileprivate var zeroTerminated: SecretBytes {
        SecretBytes(capacity: count + 1) { memory in
            withUnsafeBytes { memory.copyMemory(from: $0) }
            memory[count] = 0
            return count + 1
        }
    }

    fileprivate func contains(_ text: String) -> Bool {
        withUnsafeBytes { bytes in bytes.indices.contains { bytes[$0...].starts(with: text.utf8) } }
    }
}
