import Foundation
import SignetJOSE
import SignetSystem
import SignetTestSupport

/// A `signet serve` that runs, on Unix-domain sockets of its own. Stopped with the last reference.
final class RunningGateway {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    let directory: ScratchDirectory
    private let process = Process()
    private let lines: FileHandle
    private var rest: [UInt8] = []
    /// Every line of the log that has been read.
    private(set) var log: [[String: Any]] = []

    /// The members of a configuration that make it a gateway's.
    private static func members(_ directory: ScratchDirectory, more: String = "") -> String {
        """
        "listen": "unix:\(directory.path("s"))", "admin": { "listen": "unix:\(directory.path("a"))" },
        "digestKey": "log", "audit": { "file": "audit.jsonl" }, "drain": "5s",
        "callers": [ { "name": "shop", "tokenSha256": ["\(tokenDigest)"], "routes": ["*"], "allow": ["badge", "sign"] } ],\(more)
        """
    }

    static let token = "signet_test"
    private static let tokenDigest = Hexadecimal.encode(SHA256.digest(Array(token.utf8)))

    /// Writes a configuration and starts the gateway; returns once it says that it has started.
    init(
        _ configuration: (ScratchDirectory) throws -> String = RunningGateway.configuration,
        prepare: (ScratchDirectory) throws -> Void = { _ in }
    ) throws {
        directory = try ScratchDirectory()
        try prepare(directory)
        try directory.write(Array(repeating: UInt8(ascii: "k"), count: 40), to: "keys/log.secret")
        try directory.write(Array(repeating: UInt8(ascii: "d"), count: 40), to: "keys/dg.secret")
        try directory.write(try configuration(directory), to: "signet.json")
        let errors = Pipe()
        lines = errors.fileHandleForReading
        process.executableURL = URL(filePath: try Signet.executable())
        process.arguments = ["serve"]
        process.currentDirectoryURL = directory.url
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        try errors.fileHandleForWriting.close()
        _ = try event("started")
    }

    deinit {
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    /// DG alone, which needs nobody to be called.
    static func configuration(_ directory: ScratchDirectory) -> String {
        configuration(directory, keyID: "one")
    }

    static func configuration(_ directory: ScratchDirectory, keyID: String, more: String = "") -> String {
        """
        { \(members(directory, more: more))
          "keys": { "log": { "file": "keys/log.secret", "encoding": "utf8" },
                    "dg": { "file": "keys/dg.secret", "encoding": "utf8", "kid": "\(keyID)" } },
          "connections": { "dg-eu": { "vendor": "dg", "key": "dg", "env": "eu", "widgetId": "w" } },
          "routes": { "shop": { "connection": "dg-eu" } } }
        """
    }

    // MARK: The log

    /// The next line of the log with this event. The end of the log is an error, and a minute without a line.
    func event(_ name: String) throws -> [String: Any] {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Data(rest[..<end])
                rest.removeSubrange(...end)
                guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any] else {
                    throw Failed(description: String(decoding: line, as: UTF8.self))
                }
                log.append(object)
                if object["event"] as? String == name { return object }
            } else {
                var waiting = pollfd(fd: lines.fileDescriptor, events: Int16(POLLIN), revents: 0)
                guard poll(&waiting, 1, 120_000) > 0 else { throw Failed(description: "no \"\(name)\" in 120 s") }
                let data = lines.availableData
                guard !data.isEmpty else { throw Failed(description: "the log ends without \"\(name)\"") }
                rest += data
            }
        }
    }

    var processIdentifier: Int32 { process.processIdentifier }

    func signal(_ number: Int32) {
        kill(process.processIdentifier, number)
    }

    /// Waits for its end.
    func status() -> Int32 {
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    }

    // MARK: Requests, by curl

    struct Answer {
        let status: Int
        let body: String
        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]) ?? [:]
        }
    }

    func get(_ path: String, admin: Bool = false, _ more: [String] = []) throws -> Answer {
        try curl(more + ["http://localhost\(path)"], socket: admin ? "a" : "s")
    }

    func badge(_ route: String = "shop", _ body: String = #"{"subject":"4711"}"#) throws -> Answer {
        try curl(
            [
                "-H", "Authorization: Bearer \(Self.token)", "-H", "Content-Type: application/json", "--data", body,
                "http://localhost/v1/routes/\(route)/badge",
            ], socket: "s")
    }

    /// Asks callers' side with these arguments of curl.
    func ask(_ arguments: [String]) throws -> Answer {
        try curl(arguments, socket: "s")
    }

    private func curl(_ arguments: [String], socket: String) throws -> Answer {
        let curl = Process()
        let output = Pipe()
        curl.executableURL = URL(filePath: "/usr/bin/env")
        curl.arguments =
            ["curl", "-s", "--max-time", "20", "--unix-socket", directory.path(socket), "-w", "\n%{http_code}"]
            + arguments
        curl.standardOutput = output
        try curl.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        curl.waitUntilExit()
        let end = text.lastIndex(of: "\n") ?? text.startIndex
        return Answer(status: Int(text[end...].dropFirst()) ?? 0, body: String(text[..<end]))
    }
}
