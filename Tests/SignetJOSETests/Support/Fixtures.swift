import Foundation
import SignetJOSE
import SignetSystem
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

    /// Decoded by Foundation and not by the reader that is under test.
    static func decode<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(try bytes(name)))
    }

    static func names(in folder: String) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(folder)").sorted()
        return try #require(names.isEmpty ? nil : names, "\(folder) is empty")
    }
}
