import Foundation
import SignetSystem
import SignetTestSupport
import Testing

/// How a command that a key comes from ends when Signet does, or cannot be ended.
@Suite(.onThreads) struct KeyProgramEndTests {
    private static func workplace(_ command: String) throws -> Workplace {
        try Workplace(
            """
            { "keys": { "dg": { "exec": [\(command)], "encoding": "utf8", "kid": "k" } },
              "connections": { "dg": { "vendor": "dg", "key": "dg", "env": "eu", "widgetId": "w" } } }
            """)
    }

    @Test(arguments: ["INT", "TERM", "HUP"])
    func signalThatEndsSignetEndsTheKeyProgram(name: String) throws {
        let workplace = try Self.workplace(#""./command""#)
        try workplace.directory.writeProgram("#!/bin/sh\necho $$ > pid\nsleep 600 &\nwait\n", to: "command")
        let line = """
            env --default-signal=\(name) "$SIGNET" check & signet=$!
            for i in {1..6000}; do [ -s pid ] && break; sleep 0.01; done
            kill -\(name) $signet; wait $signet; status=$?
            for i in {1..6000}; do pgrep -r R,S,D -g $(cat pid) >/dev/null || { echo "over $status"; exit; }; sleep 0.01; done
            echo "alive $status"; kill -9 -- -$(cat pid)
            """
        let number = ["INT": 2, "TERM": 15, "HUP": 1][name] ?? 0
        #expect(try Signet.shell(line, in: workplace.directory).lines == ["over \(128 + number)"])
    }

    /// `sudo` is the everyday form of it.
    @Test(.enabled(if: Signet.canDropPrivileges))
    func keyProgramThatCannotBeKilledIsNotAwaited() throws {
        let workplace = try Self.workplace(#""./setpriv","--reuid=0","sleep","120""#)
        let line = """
            cp /usr/bin/setpriv . && chmod 4755 setpriv && chmod 755 . && chown -R 65534 keys signet.json
            start=$SECONDS
            setpriv --reuid=65534 --regid=65534 --clear-groups "$SIGNET" check
            echo "$? $((SECONDS - start < 100))"
            """
        let outcome = try Signet.shell(line, in: workplace.directory)
        #expect(outcome.lines.last == "3 1")
        #expect(
            outcome.errors.contains("\"./setpriv\" did not end within 10s, and could not be killed"),
            "\(outcome.errors)")
    }
}

/// How often a command that a key comes from runs.
@Suite(.onThreads) struct KeyProgramRunTests {
    @Test func promotionRunsTheKeyProgramOnce() throws {
        let workplace = try Workplace(
            """
            { "keys": { "old": { "file": "keys/dg.secret", "encoding": "utf8", "kid": "o" },
                        "new": { "exec": ["./count"], "encoding": "utf8", "kid": "n" } },
              "connections": { "dg": { "vendor": "dg", "keys": ["old", "new"], "env": "eu", "widgetId": "w" } } }
            """)
        let secret = String(repeating: "n", count: 40)
        try workplace.directory.writeProgram("#!/bin/sh\necho run >> runs\necho \(secret)\n", to: "count")
        let outcome = try workplace.signet("keys", "promote", "dg", "new")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == "dg: old -> new\n")
        #expect(try workplace.directory.text("runs") == "run\n")
    }
}

/// `signet serve` with keys that a command or systemd brings.
@Suite(.onThreads) struct ServedKeyProgramTests {
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

    @Test func signalRunsTheKeyProgramAgain() throws {
        let gateway = try Self.gateway()
        let before = try Self.signature(gateway)
        try gateway.directory.write(String(repeating: "e", count: 40), to: "secret")
        gateway.signal(SIGHUP)
        _ = try gateway.event("reloaded")
        #expect(try Self.signature(gateway) != before)
    }

    @Test func failedKeyProgramKeepsTheLastKey() throws {
        let gateway = try Self.gateway()
        try gateway.directory.remove("secret")
        gateway.signal(SIGHUP)
        let problems = try gateway.event("reload-failed")["problems"] as? [String]
        #expect(
            problems?.first?.hasSuffix("keys.dg.exec: \"bin/key\" ended with status 1") == true, "\(problems ?? [])")
        #expect(try Self.signature(gateway) != nil)
    }

    @Test func requestsAreServedAndStopDoesNotWaitWhileAKeyProgramHangs() throws {
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
