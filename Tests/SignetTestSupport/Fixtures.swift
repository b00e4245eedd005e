import Foundation

/// The files under `Fixtures/` at the top of the repository.
package enum Fixtures {
    /// The top of the repository.
    package static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    package static func url(_ path: String) -> URL {
        repository.appending(path: "Fixtures/\(path)")
    }

    package static func path(_ path: String) -> String {
        url(path).path()
    }

    package static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: url(path)))
    }

    package static func text(_ path: String) throws -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    /// The names of the files in a folder that have one of these endings: there is one at least, or tests would have no cases.
    package static func names(in folder: String, endings: [String]) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: url(folder).path())) ?? []
        let names = all.filter { name in endings.contains { name.hasSuffix($0) } }.sorted()
        precondition(!names.isEmpty, "Fixtures/\(folder) has no file that ends with one of \(endings)")
        return names
    }
}

/// Expected output in files. `SIGNET_RECORD=1 swift test` writes them anew; look at the difference before it is kept.
package enum Snapshot {
    private static let isRecording = ProcessInfo.processInfo.environment["SIGNET_RECORD"] == "1"

    /// What the file holds, or nil where there is none; when recording, `actual` is written there first.
    package static func expected(_ path: String, actual: String) throws -> String? {
        if isRecording {
            try FileManager.default.createDirectory(
                at: Fixtures.url(path).deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(actual.utf8).write(to: Fixtures.url(path))
        }
        return try? Fixtures.text(path)
    }
}
