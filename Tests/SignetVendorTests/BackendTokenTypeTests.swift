import Foundation
import Testing

/// That a token of the backend cannot become a badge is the compiler's business, so the compiler is asked.
@Suite struct BackendTokenTypeTests {
    @Test func badgeIsMadeOfATokenForTheBrowser() throws {
        let outcome = try Compiler.check(
            """
            func badge(_ token: BrowserToken, _ widget: Widget) -> Badge { Badge(token, on: widget) }
            """)
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    @Test func badgeIsNotMadeOfATokenForTheBackend() throws {
        let outcome = try Compiler.check(
            """
            func badge(_ token: BackendToken, _ widget: Widget) -> Badge { Badge(token, on: widget) }
            """)
        #expect(outcome.status == 1)
        #expect(outcome.errors == 1, "\(outcome.output)")
        #expect(
            outcome.output.contains(
                "cannot convert value of type 'BackendToken' to expected argument type 'BrowserToken'"))
    }

    @Test func badgeIsNotMadeOfATokenWithoutSayingWhichKindItIs() throws {
        let outcome = try Compiler.check(
            """
            func badge(_ token: SignedToken, _ widget: Widget) -> Badge { Badge(token, on: widget) }
            """)
        #expect(outcome.status == 1)
        #expect(outcome.errors == 1, "\(outcome.output)")
        #expect(outcome.output.contains("'SignedToken'"))
    }
}

/// Checks the types of a snippet against the modules of this build.
private enum Compiler {
    struct Outcome {
        let status: Int32
        let output: String

        var errors: Int {
            output.split(separator: "\n").count { $0.contains("/Snippet.swift:") && $0.contains(": error: ") }
        }
    }

    static func check(_ snippet: String) throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appending(path: "signet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = folder.appending(path: "Snippet.swift")
        try Data("import SignetIdentity\n\n\(snippet)\n".utf8).write(to: source)

        let process = Process()
        let compiler: URL = try #require(swiftc, "no swiftc in PATH")
        process.executableURL = compiler
        process.arguments = [
            "-typecheck", "-swift-version", "6", "-I", try #require(modules, "no SignetIdentity.swiftmodule").path(),
            "-Xcc", "-fmodule-map-file=\(repository.appending(path: "Sources/COpenSSL/module.modulemap").path())",
            "-module-cache-path", folder.path(), source.path(),
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: output)
    }

    private static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let swiftc: URL? = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":")
        .map { URL(filePath: String($0)).appending(path: "swiftc") }
        .first { FileManager.default.isExecutableFile(atPath: $0.path()) }

    /// The modules lie next to the test bundle, whose path is one of the arguments; `.build/debug` is the fallback.
    private static let modules: URL? = {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") || $0.contains(".xctest/") }
        let products = bundle.map { URL(filePath: $0) }.map { url in
            sequence(first: url) { $0.pathComponents.count > 1 ? $0.deletingLastPathComponent() : nil }
                .first { $0.lastPathComponent.hasSuffix(".xctest") }?.deletingLastPathComponent() ?? url
        }
        return [products, repository.appending(path: ".build/debug")].compactMap { $0?.appending(path: "Modules") }
            .first { FileManager.default.fileExists(atPath: $0.appending(path: "SignetIdentity.swiftmodule").path()) }
    }()
}
