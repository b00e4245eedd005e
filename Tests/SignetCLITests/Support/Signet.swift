import Foundation
import SignetSystem
import SignetTestSupport

/// Runs the real `signet`, which was built beside the tests.
enum Signet {
    struct Missing: Error, CustomStringConvertible {
        let path: String
        var description: String { "\(path) is not there: swift build makes it" }
    }

    /// What came of one call.
    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let errors: String

        /// The lines of stderr.
        var notes: [String] {
            errors.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        }
        /// The lines of stdout.
        var lines: [String] {
            output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        }
    }

    /// Whether `setpriv` can run commands as another user.
    static let canDropPrivileges =
        geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")

    static func executable() throws -> String {
        let bundle = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let path = bundle.appending(path: "signet").path()
        guard FileManager.default.isExecutableFile(atPath: path) else { throw Missing(path: path) }
        return path
    }

    /// Runs it in a directory, stdin coming from `input`. Output goes through files, so that no pipe can fill up.
    static func run(
        _ arguments: [String], in directory: ScratchDirectory, input: [UInt8] = [], environment: [String: String] = [:],
        standardOutput: String? = nil
    ) throws -> Outcome {
        try run(
            executable(), arguments, in: directory, input: input, environment: environment,
            standardOutput: standardOutput)
    }

    static func run(
        _ arguments: [String], in directory: ScratchDirectory, input: String
    ) throws -> Outcome {
        try run(arguments, in: directory, input: Array(input.utf8))
    }

    /// Runs a line of shell; `$SIGNET` is the command.
    static func shell(_ line: String, in directory: ScratchDirectory) throws -> Outcome {
        try run("/bin/bash", ["-c", line], in: directory, environment: ["SIGNET": try executable()])
    }

    private static func run(
        _ executable: String, _ arguments: [String], in directory: ScratchDirectory, input: [UInt8] = [],
        environment: [String: String] = [:], standardOutput: String? = nil
    ) throws -> Outcome {
        // What the process says and is told lies outside the directory, which stays what the command made of it.
        let files = try ScratchDirectory()
        for name in ["stdin", "stdout", "stderr"] { try files.write(name == "stdin" ? input : [], to: name) }
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        process.currentDirectoryURL = directory.url
        // Nothing else of the tests' own environment is passed on.
        let sanitizers = ProcessInfo.processInfo.environment.filter { $0.key.hasSuffix("SAN_OPTIONS") }
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": directory.url.path()]
            .merging(sanitizers) { $1 }.merging(environment) { $1 }
        process.standardInput = try FileHandle(forReadingFrom: files.url.appending(path: "stdin"))
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: standardOutput ?? files.path("stdout")))
        process.standardError = try FileHandle(forWritingTo: files.url.appending(path: "stderr"))
        try process.run()
        process.waitUntilExit()
        let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        return Outcome(status: status, output: try files.text("stdout"), errors: try files.text("stderr"))
    }
}
