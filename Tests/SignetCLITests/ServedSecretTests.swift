import Foundation
import SignetTestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `signet serve` with keys that a command or systemd brings.
@Suite(.onThreads) struct ServedSecretTests {
    /// A command that says what stands in a file, and sleeps for ever while another is there.
    private static let command = """
        #!/bin/sh
        if [ -e hang ]; then echo > hanging; exec sleep 600; fi
        cat secret

        """

    private static func gateway(_ source: String = #""exec": ["bin/key"]"#) throws -> RunningGateway {
        try RunningGateway {
            RunningGateway.configuration($0).replacing(#""file": "keys/dg.secret""#, with: source)
        } prepare: { directory in
            try directory.writeProgram(command, to: "bin/key")
            try directory.write(String(repeating: "d", count: 40) + "\n", to: "secret")
        }
    }

    private static func waitUntilItHangs(_ gateway: RunningGateway) {
        for _ in 1...12_000 where !gateway.directory.exists("hanging") { usleep(5_000) }
        #expect(gateway.directory.exists("hanging"))
    }

    private static func signature(_ gateway: RunningGateway) throws -> Substring? {
        let badge = try gateway.badge()
        #expect(badge.status == 200)
        return ((badge.json["badge"] as? [String: Any])?["value"] as? String)?.split(separator: ".").last
    }

    @Test func aSignalRunsTheCommandAgain() throws {
        let gateway = try Self.gateway()
        let before = try Self.signature(gateway)
        try gateway.directory.write(String(repeating: "e", count: 40), to: "secret")
        gateway.signal(SIGHUP)
        _ = try gateway.event("reloaded")
        #expect(try Self.signature(gateway) != before)
    }

    @Test func aCommandThatFailsKeepsTheKeyInForce() throws {
        let gateway = try Self.gateway()
        try gateway.directory.remove("secret")
        gateway.signal(SIGHUP)
        let problems = try gateway.event("reload-failed")["problems"] as? [String]
        #expect(
            problems?.first?.hasSuffix("keys.dg.exec: \"bin/key\" ended with status 1") == true, "\(problems ?? [])")
        #expect(try Self.signature(gateway) != nil)
    }

    @Test func requestsAreServedWhileACommandHangsAndTheEndDoesNotWaitForIt() throws {
        let gateway = try Self.gateway()
        try gateway.directory.write("", to: "hang")
        gateway.signal(SIGHUP)
        Self.waitUntilItHangs(gateway)
        for _ in 1...3 { #expect(try Self.signature(gateway) != nil) }
        gateway.signal(SIGTERM)
        #expect(gateway.status() == 0)
        let problems = try gateway.event("reload-failed")["problems"] as? [String]
        #expect(problems?.first?.contains("was killed before its end: Signet is stopping") == true)
        _ = try gateway.event("stopped")
    }
}
