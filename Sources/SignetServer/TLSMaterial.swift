import CMicroHTTPD

/// A certificate chain and its private key, as their files hold them.
package struct TLSMaterial: Sendable {
    /// The chain in PEM: the server's own certificate first.
    let certificate: String
    /// The private key in PEM, not encrypted.
    let key: String

    /// TLS 1.2 and 1.3 with forward secrecy and authenticated encryption, and nothing older. In GnuTLS's words.
    static let priorities =
        "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-CIPHER-ALL"
        + ":+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:%SERVER_PRECEDENCE"

    /// Takes the contents of the two files, which belong together and can be served with.
    package init(certificate: some Sequence<UInt8>, key: some Sequence<UInt8>) throws(ServerError) {
        self.certificate = String(decoding: Array(certificate), as: UTF8.self)
        self.key = String(decoding: Array(key), as: UTF8.self)
        guard self.certificate.contains("-----BEGIN CERTIFICATE-----") else {
            throw ServerError(
                .certificate, "the certificate file holds no PEM certificate",
                hint:
                    "it begins with -----BEGIN CERTIFICATE-----; convert DER with: openssl x509 -inform der -outform pem"
            )
        }
        guard !self.key.contains("ENCRYPTED") else {
            throw ServerError(
                .certificate,
                "the private key of the certificate is encrypted, and nobody is there to type a passphrase",
                hint: "openssl pkey -in KEY -out PLAIN, and chmod 600 PLAIN")
        }
        guard self.key.contains("PRIVATE KEY-----") else {
            throw ServerError(
                .certificate, "the key file of the certificate holds no PEM private key",
                hint: "it begins with -----BEGIN PRIVATE KEY----- or -----BEGIN EC PRIVATE KEY-----")
        }
        // The library says no more than no.
        guard signet_mhd_accepts_tls(self.certificate, self.key, Self.priorities) else {
            throw ServerError(
                .certificate, "the certificate and the private key are damaged or do not belong together",
                hint: "these two print the same when they do: openssl x509 -noout -pubkey -in CERTIFICATE; "
                    + "openssl pkey -pubout -in KEY")
        }
    }
}

extension TLSMaterial {
    /// Whether it is the same certificate and the same key, to the byte.
    package func isSame(as other: TLSMaterial) -> Bool {
        certificate == other.certificate && key == other.key
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
