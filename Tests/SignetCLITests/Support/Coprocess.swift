import Foundation
import SignetSystem
import SignetTestSupport

/// A `signet` that is fed and read while it runs.
final class Coprocess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var rest: [UInt8] = []

    init(_ arguments: [String], in directory: ScratchDirectory) throws {
        process.executableURL = URL(filePath: try Signet.executable())
        process.arguments = arguments
        process.currentDirectoryURL = directory.url
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    func write(_ bytes: [UInt8]) throws {
        try input.fileHandleForWriting.write(contentsOf: Data(bytes))
    }

    /// Writes from another thread, so that reading can go on meanwhile.
    func writeInBackground(_ count: Int, _ line: @escaping @Sendable (Int) -> [UInt8]) {
        let handle = input.fileHandleForWriting
        Thread.detachNewThread {
            for start in stride(from: 0, to: count, by: 1000) {
                let block = (start..<min(count, start + 1000)).flatMap(line)
                guard (try? handle.write(contentsOf: Data(block))) != nil else { return }
            }
        }
    }

    /// The next line of output, without its end; nil at the end.
    func readLine() throws -> String? {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                defer { rest.removeSubrange(...end) }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { return nil }
            rest += data
        }
    }

    /// Reads and counts lines until there were so many.
    func skip(lines count: Int) throws {
        var seen = 0
        while seen < count {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { return }
            seen += data.count { $0 == UInt8(ascii: "\n") }
        }
    }

    /// The most memory it has had resident so far, in KiB.
    func peakMemory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }

    /// Closes its input and waits for its end.
    func finish() throws -> Int32 {
        try input.fileHandleForWriting.close()
        while try readLine() != nil {}
        process.waitUntilExit()
        return process.terminationStatus
    }
}
