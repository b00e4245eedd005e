import SignetIdentity

/// One of 100,000 equal shares that everybody falls into by a hash of who they are: integers only, no chance, no state.
///
/// `(uint64(murmur3_x86_32(utf8(salt + ":" + value), seed 0)) * 100000) >> 32`, with vectors in `Fixtures/migration` and
/// reference functions for JavaScript, Python and SQL in `docs/reference`.
public struct Bucket: Sendable, Hashable {
    /// From 0 to 99,999.
    public let number: UInt64

    /// The bucket of a value under a salt; both by their exact bytes in UTF-8.
    public init(salt: String, value: String) {
        self.init(of: Array(salt.utf8) + [UInt8(ascii: ":")], value)
    }

    /// The bucket of a value after a prefix: the salt and its colon.
    init(of prefix: [UInt8], _ value: String) {
        var bytes = [UInt8]()
        bytes.reserveCapacity(prefix.count + value.utf8.count)
        bytes += prefix
        bytes += value.utf8
        number = (UInt64(bytes.withUnsafeBytes { Murmur3.hash($0) }) * 100_000) >> 32
    }

    /// Whether it belongs to a share. A larger share holds every bucket of a smaller one.
    public func isIn(_ percent: Percentage) -> Bool {
        number < percent.thousandths
    }
}
