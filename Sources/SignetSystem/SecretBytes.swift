/// Secret bytes in memory of their own: never copied by Swift, never printed, cleansed when the last reference goes.
public final class SecretBytes: @unchecked Sendable {
    // Unchecked: the memory is written in the initialiser only.
    private let storage: UnsafeMutableRawBufferPointer
    /// The number of bytes.
    public let count: Int

    /// Makes `capacity` bytes, has `fill` write some of them, and keeps as many as it says.
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

    /// Copies `bytes`. The caller's copy stays the caller's to cleanse.
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

    /// Lends the bytes for the length of the call.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Without this, nothing keeps the object until the call is over once it is inlined.
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeRawBufferPointer(rebasing: storage[..<count]))
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The length alone.
    public var description: String { "\(count) secret bytes" }
    /// The length alone.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
