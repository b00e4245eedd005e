import Foundation
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

/// The files under Fixtures/jose.
enum Fixtures {
    static let directory: String = {
        var url = URL(filePath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.appending(path: "Fixtures/jose").path()
    }()

    static func bytes(_ name: String) throws -> [UInt8] {
        try FileReading.bytes(atPath: "\(directory)/\(name)")
    }

    static func text(_ name: String) throws -> String {
        String(decoding: try bytes(name), as: UTF8.self)
    }

    static func secret(_ name: String) throws -> SecretBytes {
        SecretBytes(copying: try bytes(name))
    }

    /// Decodes with Foundation, not with the tested reader.
    static func decode<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(try bytes(name)))
    }

    static func names(in folder: String) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(folder)").sorted()
        return try #require(names.isEmpty ? nil : names, "\(folder) is empty")
    }
}

extension ScratchDirectory {
    /// Writes a file with exactly this mode, and returns its path.
    func file(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o600) throws -> String {
        try write(bytes, to: name, mode: Int(mode))
        return path(name)
    }
}

/// Decodes the hexadecimal text of a fixture.
func bytes(hexadecimal text: String) -> [UInt8] {
    guard let bytes = Hexadecimal.decode(text) else { preconditionFailure("not hexadecimal: \(text)") }
    return bytes
}

/// Writes PEM files that no tool would write.
enum PEMText {
    static func block(_ label: String, _ der: [UInt8]) -> String {
        let body = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN \(label)-----\n\(body)\n-----END \(label)-----\n"
    }
}
