import Foundation
import SignetTestSupport

/// `openssl s_server` with a certificate that it has signed itself, for the address 127.0.0.1.
final class TLSServer: Sendable {
    let port: UInt16
    /// The certificate, which is its own authority.
    let certificate: String
    private let directory: ScratchDirectory
    private let process: Process

    /// Starts one, on a thread of its own: waiting for a program would hold up the tasks of other tests.
    static func start() async throws -> TLSServer {
        try await withCheckedThrowingContinuation { started in
            Thread.detachNewThread { started.resume(with: Result { try TLSServer() }) }
        }
    }

    private init() throws {
        directory = try ScratchDirectory()
        certificate = directory.path("tls.crt")
        let key = directory.path("tls.key")
        let request = try Self.openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2",
            "-subj", "/CN=signet-test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ])
        // Its output ends with it. Foundation's own way of waiting leaks, which AddressSanitizer would report.
        _ = try request.output.readToEnd()
        let server = try Self.openssl([
            "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www",
        ])
        process = server.process
        // It says "ACCEPT 127.0.0.1:40133" once it listens.
        var text = ""
        while !text.contains("ACCEPT") || !text.hasSuffix("\n") {
            let part = server.output.availableData
            guard !part.isEmpty else { throw CocoaError(.fileReadUnknown) }
            text += String(decoding: part, as: UTF8.self)
        }
        let line = text.split(separator: "\n").last { $0.hasPrefix("ACCEPT") } ?? ""
        guard let port = line.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        self.port = port
    }

    deinit {
        // The threads of tests have the gentler signals blocked, and their children inherit that.
        kill(process.processIdentifier, SIGKILL)
    }

    private static func openssl(_ arguments: [String]) throws -> (process: Process, output: FileHandle) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        return (process, output.fileHandleForReading)
    }
}
