extension Unicode.Scalar {
    /// Unicode's general category Cc: C0, DEL and C1.
    package var isControl: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value)
    }

    /// Whether the character is invisible: the general categories Cc, Cf, Zl and Zp, and Unicode's default ignorable
    /// characters. Such a character can control a terminal, reverse the order of text, or hide text.
    package var isInvisible: Bool {
        if value < 0xA0 { return isControl }
        return switch properties.generalCategory {
        case .format, .lineSeparator, .paragraphSeparator: true
        default: properties.isDefaultIgnorableCodePoint
        }
    }
}

extension String {
    /// The text with invisible characters written as JSON escapes, so that it cannot add lines to a log or move a cursor.
    ///
    /// Compact JSON keeps its value, because such characters occur only in its strings. Use it for all text that people
    /// read, and never for bytes that are signed.
    package var visible: String { escaping(but: []) }

    /// The same for text of several lines: line feeds and tabs stay.
    package var visibleLines: String { escaping(but: ["\n", "\t"]) }

    private func escaping(but kept: [Unicode.Scalar]) -> String {
        // Nearly every text is visible ASCII, which is returned without a copy.
        if utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isInvisible && !kept.contains(scalar) {
                for unit in UTF16.encode(scalar) ?? .init() { text += "\\u" + Hexadecimal.codePoint(UInt32(unit)) }
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension JSONWriter {
    /// Runs `body` with a writer, then `use` with the JSON that it wrote, invisible characters escaped.
    package static func withVisibleBytes<Result>(
        writing body: (inout JSONWriter) -> Void, use: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withBytes(
            writing: body,
            use: { bytes in
                guard bytes.contains(where: { $0 >= 0x7F }) else { return use(bytes) }
                return Array(String(decoding: bytes, as: UTF8.self).visible.utf8).withUnsafeBytes(use)
            })
    }

    /// The compact text of a value, invisible characters escaped.
    package static func visibleBytes(of value: JSONValue) -> [UInt8] {
        withVisibleBytes(writing: { $0.value(value) }, use: { Array($0) })
    }
}
