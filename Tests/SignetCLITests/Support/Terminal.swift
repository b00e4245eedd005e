import Foundation
import SignetSystem
import SignetTestSupport

/// A terminal of our own, for what is said to people only.
final class Terminal {
    struct Failed: Error {}

    private let controller: FileHandle
    private let device: FileHandle

    init() throws {
        var (near, far): (Int32, Int32) = (-1, -1)
        guard openpty(&near, &far, nil, nil, nil) == 0 else { throw Failed() }
        controller = FileHandle(fileDescriptor: near, closeOnDealloc: true)
        device = FileHandle(fileDescriptor: far, closeOnDealloc: true)
    }

    /// Runs `signet` with its stderr on the terminal.
    func run(_ arguments: [String], in directory: ScratchDirectory) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: try Signet.executable())
        process.arguments = arguments
        process.currentDirectoryURL = directory.url
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = device
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// What has come so far. There has to be something, or this would wait for it.
    func text() throws -> String {
        String(decoding: controller.availableData, as: UTF8.self)
    }
}
