extension Span<UInt8> {
    /// The index of the first byte that equals `byte`, from `start` on.
    func first(_ byte: UInt8, from start: Int = 0) -> Int? {
        var index = start
        while index < count {
            if self[index] == byte { return index }
            index += 1
        }
        return nil
    }

    func all(_ holds: (UInt8) -> Bool) -> Bool {
        var index = 0
        while index < count {
            if !holds(self[index]) { return false }
            index += 1
        }
        return true
    }

    /// Whether the bytes are `text`.
    func isText(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        var index = 0
        while index < count {
            if unsafe self[index] != text.utf8Start[index] { return false }
            index += 1
        }
        return true
    }

    /// Whether the bytes are `name` in any case. `name` is in lower case.
    func isName(_ name: StaticString) -> Bool {
        guard count == name.utf8CodeUnitCount else { return false }
        var index = 0
        while index < count {
            let byte = self[index]
            let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
            if unsafe lower != name.utf8Start[index] { return false }
            index += 1
        }
        return true
    }

    /// The range without blanks at both ends.
    var trimmed: Range<Int> {
        var start = 0
        var end = count
        while start < end, FieldSyntax.isBlank(self[start]) { start += 1 }
        while end > start, FieldSyntax.isBlank(self[end - 1]) { end -= 1 }
        return start..<end
    }

    /// The bytes as text. Bytes that are not UTF-8 are replaced.
    var text: String {
        do {
            return String(copying: try UTF8Span(validating: self))
        } catch {
            return String(decoding: indices.map { self[$0] }, as: UTF8.self)
        }
    }
}

extension [UInt8] {
    /// Appends the bytes of a span at once.
    mutating func append(copying bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }

    /// Appends the bytes of a literal.
    mutating func append(_ text: StaticString) {
        unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
