import SignetJOSE

extension String {
    /// The text with what cannot be seen as JSON escapes: what a message quotes can neither add lines, move a cursor, nor hide or
    /// turn around what stands beside it.
    package var visible: String {
        guard unicodeScalars.contains(where: \.isHidden) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isHidden {
                for unit in UTF16.encode(scalar).unsafelyUnwrapped {
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

extension Unicode.Scalar {
    /// Unicode's general categories Cc, Cf, Zl and Zp.
    fileprivate var isHidden: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
