import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet init` and `signet keys rotate` put them where the vendors' belong, so that everything loads at once; `check` and
/// `signet keys promote` know them again.
extension PlaceholderSecret {
    /// A fresh one: random, so that nobody could sign with it by knowing this source.
    ///
    /// - Parameter encoding: How the file's text stands for it.
    static func make(_ encoding: SecretEncoding = .utf8) throws(CommandFailure) -> SecretBytes {
        let random = try failing({ CommandFailure(.outside, $0) }) { () throws(SignetError) in
            try HS256Key.randomSecret()
        }
        let line = random.base64URLLine(prefix: prefix)
        if encoding == .utf8 { return line }
        // What it stands for is secret to nobody: it is here to be replaced.
        let bytes = line.withUnsafeBytes { Array($0.dropLast()) }
        let text = Array((encoded(bytes, encoding) + "\n").utf8)
        return text.withUnsafeBytes { SecretBytes(copying: $0) }
    }

    private static func encoded(_ bytes: [UInt8], _ encoding: SecretEncoding) -> String {
        switch encoding {
        case .utf8: return String(decoding: bytes, as: UTF8.self)
        case .hex: return Hexadecimal.encode(bytes)
        case .base64url: return Base64URL.encode(bytes)
        case .base64:
            let text = Base64URL.encode(bytes).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
            return String(text) + String(repeating: "=", count: (4 - text.count % 4) % 4)
        }
    }
}
