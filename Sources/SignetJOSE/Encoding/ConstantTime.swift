import COpenSSL
import SignetSystem

extension Memory {
    /// Compares two areas in a time that depends only on their lengths.
    package static func equalInConstantTime(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return true }
        return CRYPTO_memcmp(leftBase, rightBase, left.count) == 0
    }
}

extension SecretBytes {
    /// Whether two secrets are the same bytes, in constant time.
    public func hasSameBytes(as other: SecretBytes) -> Bool {
        withUnsafeBytes { own in other.withUnsafeBytes { Memory.equalInConstantTime(own, $0) } }
    }
}
