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

/// How a command that a key comes from ends when Signet does, or cannot be ended.
@Suite(.onThreads) struct KeyCommandEndTests {
    private static func workplace(_ command: String) throws -> Workplace {
        try Workplace(
            """
            { "keys": { "dg": { "exec": [\(command)], "encoding": "utf8", "kid": "k" } },
              "connections": { "dg": { "vendor": "dg", "key": "dg", "env": "eu", "widgetId": "w" } } }
            """)
    }

    @Test(arguments: ["INT", "TERM", "HUP"])
    func aSignalThatEndsSignetEndsTheCommand(name: String) throws {
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

    private static let canDropPrivileges =
        geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")

    /// `sudo` is the everyday form of it.
    @Test(.enabled(if: canDropPrivileges))
    func aCommandThatCannotBeKilledIsNotWaitedFor() throws {
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
