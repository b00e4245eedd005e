import CTLS
import SignetIdentity
import SignetJOSE
import SignetSystem

/// A certificate chain and its private key. They belong together.
@safe package final class TLSMaterial: @unchecked Sendable {
    // Unchecked for the pointers: they do not change after init, and OpenSSL counts their references atomically.
    private let chain: [OpaquePointer]
    private let key: OpaquePointer
    private let bytes: SecretBytes
    /// The start of the server certificate's validity.
    package let notBefore: NumericDate
    /// The end of its validity.
    package let notAfter: NumericDate

    /// Reads the two files, which are PEM: the chain with the server's own certificate first, and the key without encryption.
    ///
    /// - Throws: ``SignetError`` of the kind `certificate`. It says which file is wrong, and why.
    package init(certificate: some Sequence<UInt8>, key keyBytes: SecretBytes) throws(SignetError) {
        let chainBytes = Array(certificate)
        let chain = unsafe PEM.certificates(chainBytes)
        guard let own = unsafe chain.first else {
            let isKey = chainBytes.contains("PRIVATE KEY-----")
            throw SignetError(
                ServerFault.certificate,
                isKey
                    ? "the certificate file holds a private key: the two files are the wrong way round"
                    : "the certificate file holds no PEM certificate that can be read",
                hint: isKey
                    ? "\"certificate\" is the chain, \"key\" the private key"
                    : "it begins with -----BEGIN CERTIFICATE-----; convert DER with: openssl x509 -inform der -outform pem"
            )
        }
        let key: OpaquePointer
        do throws(SignetError) {
            unsafe key = unsafe try PEM.privateKey(keyBytes)
        } catch {
            unsafe chain.forEach { unsafe X509_free($0) }
            throw error
        }
        unsafe (self.chain, self.key) = unsafe (chain, key)
        bytes = SecretBytes(copying: chainBytes, then: keyBytes)
        notBefore = unsafe PEM.date(X509_get0_notBefore(own))
        notAfter = unsafe PEM.date(X509_get0_notAfter(own))
        ERR_clear_error()
        guard unsafe X509_check_private_key(own, key) == 1 else {
            let isLater = unsafe chain.dropFirst().contains { unsafe X509_check_private_key($0, key) == 1 }
            throw SignetError(
                ServerFault.certificate,
                isLater
                    ? "the certificate file does not begin with the server's own certificate"
                    : "the certificate and the private key do not belong together",
                hint: isLater
                    ? "put the certificate that belongs to the key first, then the ones that signed it"
                    : "these two print the same when they do: openssl x509 -noout -pubkey -in CERTIFICATE; "
                        + "openssl pkey -pubout -in KEY")
        }
        // Unusable material is refused here, not at the first client.
        unsafe SSL_CTX_free(try makeContext())
    }

    deinit {
        unsafe chain.forEach { unsafe X509_free($0) }
        unsafe EVP_PKEY_free(key)
    }

    /// Whether the certificate is valid at a time.
    package func isValid(at time: NumericDate) -> Bool {
        notBefore <= time && time <= notAfter
    }

    /// Whether the certificate and the key are the same bytes.
    package func isSame(as other: TLSMaterial) -> Bool {
        bytes.hasSameBytes(as: other.bytes)
    }

    /// Creates a context of libssl with this certificate.
    func makeContext() throws(SignetError) -> OpaquePointer {
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else {
            throw Self.failure("cannot create a TLS context")
        }
        ERR_clear_error()
        // A key with less than 112 bits of security, or of a kind that no cipher suite supports, is refused here.
        let isAccepted =
            unsafe signet_tls_has_suite(key) == 1 && signet_tls_harden(context) == 1
            && SSL_CTX_use_certificate(context, chain[0]) == 1
            && SSL_CTX_use_PrivateKey(context, key) == 1
            && chain.dropFirst().allSatisfy { unsafe signet_tls_add_chain(context, $0) == 1 }
        guard isAccepted else {
            let failure = Self.failure("the certificate cannot be used")
            unsafe SSL_CTX_free(context)
            throw failure
        }
        return unsafe context
    }

    private static func failure(_ what: String) -> SignetError {
        let code = ERR_peek_last_error()
        let words =
            unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) }
            ?? "no cipher suite supports this kind of key"
        return SignetError(
            ServerFault.certificate, "\(what): \(words)",
            hint:
                "use an RSA key of 2048 bits or more, an EC key on P-256 or P-384, or Ed25519, signed with SHA-256 or better"
        )
    }
}

extension TLSMaterial: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Contains no part of the key.
    package var description: String { "a certificate and its key" }
    /// Contains no part of the key.
    package var debugDescription: String { description }
    /// Empty, so that no dump shows the key.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Reads PEM with OpenSSL.
private enum PEM {
    /// All certificates of a file; none if one of them cannot be read.
    static func certificates(_ bytes: [UInt8]) -> [OpaquePointer] {
        unsafe bytes.withUnsafeBytes { bytes in
            let source = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
            defer { unsafe BIO_free(source) }
            var found: [OpaquePointer] = unsafe []
            ERR_clear_error()
            while let next = unsafe PEM_read_bio_X509(source, nil, noPassphrase, nil) { unsafe found.append(next) }
            let code = ERR_peek_last_error()
            let isEnd = code & 0x7F_FFFF == UInt(PEM_R_NO_START_LINE)
            if !isEnd {
                unsafe found.forEach { unsafe X509_free($0) }
                unsafe found = []
            }
            ERR_clear_error()
            return unsafe found
        }
    }

    static func privateKey(_ secret: SecretBytes) throws(SignetError) -> OpaquePointer {
        ERR_clear_error()
        let key = unsafe secret.withUnsafeBytes { bytes in
            let source = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
            defer { unsafe BIO_free(source) }
            return unsafe PEM_read_bio_PrivateKey(source, nil, noPassphrase, nil)
        }
        ERR_clear_error()
        if let key = unsafe key { return unsafe key }
        let text = unsafe secret.withUnsafeBytes { unsafe Array($0) }
        if text.contains("ENCRYPTED") {
            throw SignetError(
                ServerFault.certificate,
                "the private key of the certificate is encrypted; the server cannot ask for its passphrase",
                hint: "openssl pkey -in KEY -out PLAIN, and chmod 600 PLAIN")
        }
        if text.contains("BEGIN CERTIFICATE-----") {
            throw SignetError(
                ServerFault.certificate, "the key file of the certificate holds a certificate and no private key",
                hint: "\"certificate\" is the chain, \"key\" the private key")
        }
        throw SignetError(
            ServerFault.certificate, "the key file of the certificate holds no PEM private key that can be read",
            hint: "it begins with -----BEGIN PRIVATE KEY----- or -----BEGIN EC PRIVATE KEY-----")
    }

    static func date(_ time: UnsafePointer<ASN1_TIME>?) -> NumericDate {
        var days: Int32 = 0
        var seconds: Int32 = 0
        let epoch = unsafe ASN1_TIME_set(nil, 0)
        defer { unsafe ASN1_STRING_free(epoch) }
        unsafe ASN1_TIME_diff(&days, &seconds, epoch, time)
        return NumericDate(seconds: Int64(days) * 86_400 + Int64(seconds))
    }
}

/// Returns no passphrase, so that OpenSSL does not ask for one on the terminal.
private func noPassphrase(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int32, _ isWriting: Int32, _ context: UnsafeMutableRawPointer?
) -> Int32 {
    -1
}

extension [UInt8] {
    fileprivate func contains(_ text: String) -> Bool {
        indices.contains { self[$0...].starts(with: text.utf8) }
    }
}

extension SecretBytes {
    fileprivate convenience init(copying bytes: [UInt8], then secret: SecretBytes) {
        unsafe self.init(capacity: bytes.count + secret.count) { memory in
            unsafe memory.copyBytes(from: bytes)
            unsafe secret.withUnsafeBytes { secret in
                unsafe UnsafeMutableRawBufferPointer(rebasing: memory[bytes.count...]).copyMemory(from: secret)
            }
            return bytes.count + secret.count
        }
    }
}
