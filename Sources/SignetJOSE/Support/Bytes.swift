extension String {
    /// Byte-for-byte equality. Swift's own `==` calls canonically equivalent strings equal, which identifiers must not
    /// be.
    package func hasSameBytes(as other: some StringProtocol) -> Bool {
        utf8.elementsEqual(other.utf8)
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
        for byte in string.utf8 { hasher.combine(byte) }
    }
}

extension Unicode.Scalar {
    /// Unicode's general category Cc: C0, DEL and C1.
    package var isControl: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value)
    }
}
