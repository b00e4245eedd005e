extension String {
    /// Compares byte for byte. Swift's `==` takes canonically equivalent strings for equal, which is wrong for identifiers.
    package func hasSameBytes(as other: String) -> Bool {
        let inPlace = utf8.withContiguousStorageIfAvailable { own -> Bool? in
            other.utf8.withContiguousStorageIfAvailable { theirs in
                guard own.count == theirs.count else { return false }
                guard let first = own.baseAddress, let second = theirs.baseAddress else { return true }
                return memcmp(first, second, own.count) == 0
            }
        }
        return inPlace.flatMap { $0 } ?? utf8.elementsEqual(other.utf8)
    }
}

extension [UInt8] {
    /// Calls `body` with the bytes. `withUnsafeBytes` does not carry a typed error through.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withUnsafeBytes { bytes in Swift.Result { () throws(Failure) -> Result in try body(bytes) } }.get()
    }
}

/// A string compared and hashed by its UTF-8 bytes.
package struct ByteString: Hashable, Sendable {
    package let string: String

    package init(_ string: String) {
        self.string = string
    }

    package static func == (left: ByteString, right: ByteString) -> Bool {
        left.string.hasSameBytes(as: right.string)
    }

    package func hash(into hasher: inout Hasher) {
        var string = string
        string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
