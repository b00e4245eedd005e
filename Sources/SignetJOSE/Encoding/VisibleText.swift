extension Unicode.Scalar {
    /// Unicode's general category Cc: C0, DEL and C1.
    package var isControl: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value)
    }

    /// Whether it shows nothing where it stands, and may steer a terminal, turn text around, or hide text in text: the
    /// general categories Cc, Cf, Zl and Zp, and Unicode's default ignorable characters.
    package var isInvisible: Bool {
        if value < 0xA0 { return isControl }
        return switch properties.generalCategory {
        case .format, .lineSeparator, .paragraphSeparator: true
        default: properties.isDefaultIgnorableCodePoint
        }
    }
}

extension String {
    /// The text with invisible characters as JSON escapes: what a line quotes can neither add lines nor move a cursor.
    ///
    /// Of compact JSON it makes other JSON of the same value, for such characters stand only in its strings. For everything
    /// that people read, and never for bytes that are signed.
    package var visible: String { escaping(but: []) }

    /// The same for text of several lines, whose line feeds and tabs stay.
    package var visibleLines: String { escaping(but: ["\n", "\t"]) }

    private func escaping(but kept: [Unicode.Scalar]) -> String {
        // Nearly every text is ASCII that shows, and is not copied.
        if utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isInvisible && !kept.contains(scalar) {
                for unit in UTF16.encode(scalar) ?? .init() {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension JSONWriter {
    /// Runs `body` with a writer and lends the JSON for people and programs: with invisible characters escaped.
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

    /// The compact text of a value for people and programs: with invisible characters escaped.
    package static func visibleBytes(of value: JSONValue) -> [UInt8] {
        withVisibleBytes(writing: { $0.value(value) }, use: { Array($0) })
    }
}
