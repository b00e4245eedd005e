import SignetJOSE

/// The fuzz target `pem`: what ``KeyFileCheck`` checks, of PEM.
///
/// The first byte of an input says what the rest is: below 4 the file as it stands, else what stands in base64 under the label of
/// that number.
enum PEMFuzz {
    /// What is wrong, or nil.
    static func fault(in input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        let rest = Array(input.dropFirst())
        return KeyFileCheck.fault(in: first & 7 < 4 ? rest : file(labels[Int(first & 3)], rest))
    }

    private static let labels = ["EC PRIVATE KEY", "PRIVATE KEY", "PUBLIC KEY", "EC PARAMETERS"]

    private static func file(_ label: String, _ content: [UInt8]) -> [UInt8] {
        let padding = String(repeating: "=", count: (3 - content.count % 3) % 3)
        let base64 = Array((Base64URL.encode(content) + padding).utf8).map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        var lines = Array("-----BEGIN \(label)-----\n".utf8)
        for start in stride(from: 0, to: base64.count, by: 64) {
            lines += base64[start..<min(start + 64, base64.count)] + [UInt8(ascii: "\n")]
        }
        return lines + Array("-----END \(label)-----\n".utf8)
    }
}
