import SignetSystem

/// Bytes being written: on the stack while they fit, on the heap from there on, and cleansed when they are let go.
package struct OutputBuffer: ~Copyable {
    private var storage: UnsafeMutableRawBufferPointer
    private var count = 0
    private var isOnHeap = false

    private init(scratch: UnsafeMutableRawBufferPointer) {
        storage = scratch
    }

    deinit {
        Memory.cleanse(UnsafeMutableRawBufferPointer(rebasing: storage[..<count]))
        if isOnHeap { storage.deallocate() }
    }

    /// Lends a buffer whose first kilobyte lies on the stack.
    static func withScratch<Result, Failure: Error>(
        _ body: (consuming OutputBuffer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // withUnsafeTemporaryAllocation does not carry a typed error through.
        let outcome = withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { scratch in
            Swift.Result { () throws(Failure) -> Result in try body(OutputBuffer(scratch: scratch)) }
        }
        return try outcome.get()
    }

    /// Lends the bytes for the length of the call.
    func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(rebasing: storage[..<count]))
    }

    mutating func append(_ byte: UInt8) {
        if count == storage.count { grow(by: 1) }
        storage[count] = byte
        count += 1
    }

    mutating func append(contentsOf bytes: UnsafeRawBufferPointer) {
        append(contentsOf: bytes[...])
    }

    mutating func append(contentsOf bytes: Slice<UnsafeRawBufferPointer>) {
        guard !bytes.isEmpty else { return }
        if bytes.count > storage.count - count { grow(by: bytes.count) }
        UnsafeMutableRawBufferPointer(rebasing: storage[count...]).copyMemory(from: .init(rebasing: bytes))
        count += bytes.count
    }

    /// Appends base64url without a copy in between.
    mutating func append(base64URL bytes: UnsafeRawBufferPointer) {
        let length = Base64URL.encodedLength(bytes.count)
        if length > storage.count - count { grow(by: length) }
        let free = UnsafeMutableRawBufferPointer(rebasing: storage[count...])
        count += Base64URL.encode(bytes, into: free.bindMemory(to: UInt8.self).baseAddress)
    }

    private mutating func grow(by extra: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(storage.count * 2, count + extra), alignment: 16)
        withBytes { larger.copyMemory(from: $0) }
        Memory.cleanse(UnsafeMutableRawBufferPointer(rebasing: storage[..<count]))
        if isOnHeap { storage.deallocate() }
        storage = larger
        isOnHeap = true
    }
}
