import COpenSSL
import SignetSystem

/// Owns an EVP_PKEY on P-256, and frees it with the last reference. OpenSSL then cleanses the private number.
final class EllipticCurveKey: @unchecked Sendable {
    // Unchecked: an EVP_PKEY does not change after it is made, and OpenSSL locks its reference counts and caches.
    static let coordinateLength = 32
    static let curve = "prime256v1"

    let handle: OpaquePointer

    /// Takes over `handle`, and checks that it is a valid key on P-256.
    init(adopting handle: OpaquePointer) throws(SignetError) {
        self.handle = handle
        try checkCurve()
        try checkNumbers()
    }

    deinit {
        EVP_PKEY_free(handle)
    }

    var isPrivate: Bool {
        guard let number = number("priv") else { return false }
        BN_clear_free(number)
        return true
    }

    /// The two coordinates of the public point, 32 bytes each.
    var publicCoordinates: (x: [UInt8], y: [UInt8])? {
        guard let x = coordinate("qx"), let y = coordinate("qy") else { return nil }
        return (x, y)
    }

    /// The private number as 32 bytes.
    var privateNumber: SecretBytes? {
        guard let number = number("priv") else { return nil }
        defer { BN_clear_free(number) }
        let bytes = SecretBytes(capacity: Self.coordinateLength) { memory in
            let bytes = memory.bindMemory(to: UInt8.self).baseAddress
            return max(0, Int(BN_bn2binpad(number, bytes, Int32(memory.count))))
        }
        return bytes.count == Self.coordinateLength ? bytes : nil
    }

    private func coordinate(_ name: String) -> [UInt8]? {
        guard let number = number(name) else { return nil }
        defer { BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: Self.coordinateLength)
        return BN_bn2binpad(number, &bytes, Int32(bytes.count)) == bytes.count ? bytes : nil
    }

    private func number(_ name: String) -> OpaquePointer? {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(handle, name, &number) == 1 else {
            ERR_clear_error()
            return nil
        }
        return number
    }

    // MARK: Checks

    private func checkCurve() throws(SignetError) {
        guard EVP_PKEY_is_a(handle, "EC") == 1 else {
            let type = EVP_PKEY_get0_type_name(handle).map { String(cString: $0) } ?? "unknown"
            throw SignetError(
                KeyFault.wrongType, "this is a key of type \(type); ES256 needs an elliptic-curve key on P-256",
                hint: "signet keys generate NAME")
        }
        let curve = textParameter("group") ?? "no named curve"
        guard curve == Self.curve, textParameter("encoding") != "explicit" else {
            let found = curve == Self.curve ? "explicit curve parameters" : curve
            throw SignetError(
                KeyFault.wrongCurve, "this key is on \(found); ES256 needs P-256 (\(Self.curve))",
                hint: "signet keys generate NAME")
        }
    }

    /// Checks that the point is on the curve, the private number is in range, and the two belong together.
    private func checkNumbers() throws(SignetError) {
        defer { ERR_clear_error() }
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, handle, nil) else {
            throw SignetError(KeyFault.brokenLibrary, "OpenSSL could not check the key")
        }
        defer { EVP_PKEY_CTX_free(context) }
        let sound = isPrivate ? EVP_PKEY_check(context) : EVP_PKEY_public_check(context)
        guard sound == 1 else {
            throw SignetError(KeyFault.inconsistent, "the numbers of this key do not make a P-256 key")
        }
    }

    private func textParameter(_ name: String) -> String? {
        var text = [CChar](repeating: 0, count: 64)
        var length = 0
        guard EVP_PKEY_get_utf8_string_param(handle, name, &text, text.count, &length) == 1 else {
            ERR_clear_error()
            return nil
        }
        return String(decoding: text[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: Making

    static func generate() throws(SignetError) -> EllipticCurveKey {
        let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil)
        defer { EVP_PKEY_CTX_free(context) }
        var handle: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_group_name(context, curve) == 1,
            EVP_PKEY_generate(context, &handle) == 1, let handle
        else {
            ERR_clear_error()
            throw SignetError(KeyFault.brokenLibrary, "OpenSSL could not make a P-256 key")
        }
        return try EllipticCurveKey(adopting: handle)
    }

    /// Makes a key from its numbers: two coordinates of 32 bytes, and the private number for a private key.
    static func make(x: [UInt8], y: [UInt8], privateNumber: SecretBytes?) throws(SignetError) -> EllipticCurveKey {
        defer { ERR_clear_error() }
        let number = privateNumber?.withUnsafeBytes { bytes in
            BN_bin2bn(bytes.bindMemory(to: UInt8.self).baseAddress, Int32(bytes.count), BN_secure_new())
        }
        defer { BN_clear_free(number) }
        let point = [0x04] + x + y
        guard let handle = signet_p256_key(point, point.count, number) else {
            throw SignetError(KeyFault.inconsistent, "the numbers of this key do not make a P-256 key")
        }
        return try EllipticCurveKey(adopting: handle)
    }
}
