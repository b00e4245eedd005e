import Foundation

/// A directory of its own for one test, removed with the last reference.
package final class ScratchDirectory: Sendable {
    package let url: URL

    package init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "signet-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// The path of the directory itself.
    package var root: String { url.path() }

    package func path(_ name: String) -> String {
        url.appending(path: name).path()
    }

    /// Writes a file, and the folders it is in. The mode is one that keys can have.
    package func write(_ bytes: some Collection<UInt8>, to name: String, mode: Int = 0o600) throws {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path())
    }

    package func write(_ text: String, to name: String, mode: Int = 0o600) throws {
        try write(Array(text.utf8), to: name, mode: mode)
    }

    /// Writes a program, by a process of its own: while this one has a file open to write, a child that another test forks
    /// at that moment has it open too, and nobody can execute it (execve(2), `ETXTBSY`).
    package func writeProgram(_ text: String, to name: String) throws {
        try write(text, to: "\(name).text")
        let copy = Process()
        copy.executableURL = URL(filePath: "/bin/sh")
        copy.arguments = ["-c", "cp \"$1.text\" \"$1\" && chmod 700 \"$1\"", "sh", path(name)]
        try copy.run()
        copy.waitUntilExit()
    }

    package func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: url.appending(path: name)), as: UTF8.self)
    }

    package func remove(_ name: String) throws {
        try FileManager.default.removeItem(at: url.appending(path: name))
    }

    package func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: path(name))
    }

    /// The permission bits of a file.
    /// Lets a file have been changed so many seconds ago.
    package func backdate(_ name: String, seconds: Int) throws {
        let date = Date(timeIntervalSinceNow: -Double(seconds))
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path(name))
    }

    package func mode(_ name: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path(name))[.posixPermissions] as? Int ?? 0
    }

    /// The paths of everything in it, hidden files too.
    package var contents: [String] {
        (FileManager.default.subpaths(atPath: url.path()) ?? []).sorted()
    }
}
