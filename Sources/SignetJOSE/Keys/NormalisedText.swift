import SignetSystem

/// The text that ``AsymmetricMaterial`` searches.
enum NormalisedText {
    /// The bytes without white space, NUL and invisible characters, and with one kind of dash and of quotes.
    static func of(_ bytes: UnsafeRawBufferPointer) -> SecretBytes {
        SecretBytes(capacity: bytes.count) { memory in
            var count = 0
            var index = 0
            while index < bytes.count {
                let byte = bytes[index]
                let rest = bytes[index...]
                var kept: UInt8? = isSpace(byte) ? nil : byte
                var length = 1
                if byte >= 0xC2, let (scalar, size) = scalar(rest) {
                    length = size
                    // Word processors turn hyphens into other dashes.
                    kept = (0x2010...0x2015).contains(scalar.value) || scalar == "\u{2212}" ? UInt8(ascii: "-") : nil
                    if kept == nil, !scalar.isInvisible, !scalar.properties.isWhitespace {
                        kept = UInt8(ascii: "?")
                    }
                } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`") {
                    kept = UInt8(ascii: "\"")
                }
                if let kept {
                    memory[count] = kept
                    count += 1
                }
                index += length
            }
            return count
        }
    }

    /// The first character; nil if the bytes are not UTF-8.
    static func scalar(_ bytes: Slice<UnsafeRawBufferPointer>) -> (Unicode.Scalar, length: Int)? {
        var decoder = Unicode.UTF8.ForwardParser()
        var iterator = bytes.prefix(4).makeIterator()
        guard case .valid(let encoded) = decoder.parseScalar(from: &iterator) else { return nil }
        return (Unicode.UTF8.decode(encoded), encoded.count)
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte) || byte == 0
    }

    /// Whether the bytes are ASCII text in UTF-16: every other byte is 0. A byte order mark can stand first.
    static func isUTF16(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let isMarked = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        let text = bytes.dropFirst(isMarked ? 2 : 0)
        guard text.count >= 8 else { return false }
        return [0, 1].contains { odd in
            text.indices.allSatisfy { ($0 & 1 == odd) == (text[$0] == 0) }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The index of the first `marker`, which has to be in lower case if case is ignored.
    func index(of marker: StaticString, ignoringCase: Bool = true) -> Int? {
        let (text, length) = (marker.utf8Start, marker.utf8CodeUnitCount)
        var start = 0
        while start + length <= count {
            var offset = 0
            while offset < length {
                let byte = self[start + offset]
                let isCapital = ignoringCase && byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
                guard (isCapital ? byte | 0x20 : byte) == text[offset] else { break }
                offset += 1
            }
            if offset == length { return start }
            start += 1
        }
        return nil
    }

    func contains(_ marker: StaticString) -> Bool {
        index(of: marker) != nil
    }
}
