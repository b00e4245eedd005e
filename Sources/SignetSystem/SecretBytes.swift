/// Secret bytes in memory of their own. Swift never copies or prints them; the memory is cleansed with the last reference.
public final class SecretBytes: @unchecked Sendable {
    // Unchecked: the memory is written in the initialiser only.
    private let storage: UnsafeMutableRawBufferPointer
    /// The number of bytes.
    public let count: Int

    /// Allocates `capacity` bytes and lets `fill` write to them; `fill` returns how many are kept.
    package init<Failure: Error>(
        capacity: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        storage = .allocate(byteCount: max(capacity, 1), alignment: 16)
        do throws(Failure) {
            count = try fill(UnsafeMutableRawBufferPointer(rebasing: storage[..<capacity]))
            precondition((0...capacity).contains(count), "more bytes than there is room for")
        } catch {
            Memory.cleanse(storage)
            storage.deallocate()
            throw error
        }
    }

    /// Copies `bytes`. The caller cleanses its own copy.
    public convenience init(copying bytes: some Collection<UInt8>) {
        self.init(capacity: bytes.count) { memory in
            memory.copyBytes(from: bytes)
            return bytes.count
        }
    }

    /// Copies a part of another secret.
    package convenience init(copying bytes: UnsafeRawBufferPointer) {
        self.init(capacity: bytes.count) { memory in
            memory.copyMemory(from: bytes)
            return bytes.count
        }
    }

    deinit {
        Memory.cleanse(storage)
        storage.deallocate()
    }

    /// Calls `body` with the bytes, which are valid only during the call.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Once this is inlined, the optimiser could release the object before the call ends.
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeRawBufferPointer(rebasing: storage[..<count]))
    }
}

extension SecretBytes: Redacted {
    /// Only the length.
    public var description: String { "\(count) secret bytes" }
}

/// Operations on memory that holds secrets.
package enum Memory {
    /// Overwrites memory with zeros. The optimiser does not remove the call.
    package static func cleanse(_ bytes: UnsafeMutableRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        explicit_bzero(base, bytes.count)
    }
}
