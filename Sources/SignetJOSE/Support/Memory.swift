import COpenSSL

/// The two things that are done to secret memory.
package enum Memory {
    /// Overwrites memory in a way that no optimiser removes.
    package static func cleanse(_ bytes: UnsafeMutableRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        OPENSSL_cleanse(base, bytes.count)
    }

    /// Compares in a time that depends on the lengths alone.
    package static func equalInConstantTime(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return true }
        return CRYPTO_memcmp(leftBase, rightBase, left.count) == 0
    }
}
