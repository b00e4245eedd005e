import Foundation
import SignetSystem
import SignetTestSupport
import Testing

/// Signals are answered at every moment: before anything else is done, at the start, and while everything is read again.
@Suite(.onThreads) struct SignalTests {
    /// A command that says what stands in a file, once another is gone. It has 10 s.
    private static let command = """
        #!/bin/sh
        grep -E 'Sig(Blk|Ign)' /proc/self/status > signals
        echo $$ >> runs
        while [ -e hold ]; do sleep 0.02; done
        cat secret

        """

    private static func prepare(_ directory: ScratchDirectory) throws {
        try directory.writeProgram(command, to: "bin/key")
        try directory.write(String(repeating: "d", count: 40) + "\n", to: "secret")
    }

    private static func configuration(_ directory: ScratchDirectory, more: String = "") -> String {
        RunningGateway.configuration(directory, keyID: "one", more: more)
            .replacing(#""file": "keys/dg.secret""#, with: #""exec": ["bin/key"]"#)
    }

    private static func gateway(more: String = "") throws -> RunningGateway {
        try RunningGateway({ configuration($0, more: more) }, prepare: prepare)
    }

    /// The process groups of the commands that have been started, once there are so many.
    private static func runs(_ count: Int, _ directory: ScratchDirectory) throws -> [Substring] {
        let end = ContinuousClock().now + .seconds(60)
        while true {
            let runs = (try? directory.text("runs").split(separator: "\n")) ?? []
            if runs.count >= count { return runs }
            try #require(ContinuousClock().now < end, "the command was not started \(count) times")
            usleep(5_000)
        }
    }

    private static func isGone(_ group: Substring?) throws -> Bool {
        let line =
            "for i in {1..3000}; do pgrep -r R,S,D -g \(try #require(group)) >/dev/null || exit 0; sleep 0.01; done; exit 1"
        return try Signet.shell(line, in: ScratchDirectory()).status == 0
    }

    private static func events(_ gateway: RunningGateway) -> [String] {
        gateway.log.compactMap { $0["event"] as? String }
    }

    // MARK: While everything is read again

    @Test func auditIsReopenedDuringAReload() throws {
        let gateway = try Self.gateway()
        // Without a line, nothing is said of a file that is opened again.
        #expect(try gateway.badge().status == 200)
        try gateway.directory.write("", to: "hold")
        gateway.signal(SIGHUP)
        _ = try Self.runs(2, gateway.directory)
        #expect(rename(gateway.directory.path("audit.jsonl"), gateway.directory.path("audit.1.jsonl")) == 0)
        gateway.signal(SIGUSR1)
        #expect(try gateway.event("audit-reopened")["cause"] as? String == "signal")
        try #require(!Self.events(gateway).contains { $0.hasPrefix("reload") })
        try gateway.directory.remove("hold")
        _ = try gateway.event("reloaded")
    }

    @Test func signalsDuringAReloadCauseOneMoreReload() throws {
        let gateway = try Self.gateway()
        try gateway.directory.write("", to: "hold")
        gateway.signal(SIGHUP)
        _ = try Self.runs(2, gateway.directory)
        for _ in 1...3 {
            gateway.signal(SIGHUP)
            usleep(20_000)
        }
        try gateway.directory.write(String(repeating: "e", count: 40) + "\n", to: "secret")
        try gateway.directory.remove("hold")
        for _ in 1...2 { _ = try gateway.event("reloaded") }
        gateway.signal(SIGTERM)
        #expect(gateway.status() == 0)
        _ = try gateway.event("stopped")
        #expect(Self.events(gateway).count { $0.hasPrefix("reload") } == 2)
        #expect(try Self.runs(3, gateway.directory).count == 3)
    }

    @Test func fileChangedDuringAReloadIsReadAfterIt() throws {
        let gateway = try Self.gateway()
        try gateway.directory.write("", to: "hold")
        gateway.signal(SIGHUP)
        _ = try Self.runs(2, gateway.directory)
        let text = Self.configuration(gateway.directory).replacing(#""env": "eu""#, with: #""env": "us""#)
        try gateway.directory.write(text, to: "signet.json")
        try gateway.directory.remove("hold")
        _ = try gateway.event("reloaded")
        let badge = try gateway.badge().json["badge"] as? [String: Any]
        #expect(badge?["env"] as? String == "us")
    }

    @Test func stopCancelsTheReloadAndEndsItsKeyProgram() throws {
        let gateway = try Self.gateway()
        try gateway.directory.write("", to: "hold")
        gateway.signal(SIGHUP)
        let group = try Self.runs(2, gateway.directory).last
        gateway.signal(SIGTERM)
        _ = try gateway.event("draining")
        try #require(!Self.events(gateway).contains { $0.hasPrefix("reload") })
        let problems = try gateway.event("reload-failed")["problems"] as? [String]
        #expect(problems?.first?.contains("was killed before its end: Signet is stopping") == true)
        #expect(gateway.status() == 0)
        _ = try gateway.event("stopped")
        #expect(try Self.isGone(group))
        #expect(!gateway.directory.exists("s"))
    }

    @Test func secondStopSignalEndsTheKeyProgram() throws {
        let gateway = try Self.gateway(more: #""drainDelay": "1h","#)
        try gateway.directory.write("", to: "hold")
        gateway.signal(SIGHUP)
        let group = try Self.runs(2, gateway.directory).last
        gateway.signal(SIGTERM)
        gateway.signal(SIGINT)
        #expect([128 + SIGINT, 128 + SIGTERM].contains(gateway.status()))
        #expect(try Self.isGone(group))
    }

    // MARK: At the start

    private static func start(_ line: String) throws -> (Signet.Outcome, ScratchDirectory) {
        let directory = try ScratchDirectory()
        try prepare(directory)
        try directory.write("", to: "hold")
        try directory.write(Array(repeating: UInt8(ascii: "k"), count: 40), to: "keys/log.secret")
        try directory.write(configuration(directory), to: "signet.json")
        let start = """
            "$SIGNET" serve 2>log & gateway=$!
            for i in {1..6000}; do [ -s runs ] && break; sleep 0.01; done
            """
        return (try Signet.shell("\(start)\n\(line)", in: directory), directory)
    }

    @Test func stopDuringTheStartSucceeds() throws {
        let (outcome, directory) = try Self.start("kill -TERM $gateway; wait $gateway; echo $?; cat log")
        #expect(outcome.lines == ["0", "signet: stopped before the start was complete"], "\(outcome.output)")
        #expect(try Self.isGone(try Self.runs(1, directory).last))
        #expect(!directory.exists("s") && !directory.exists("audit.jsonl"))
    }

    @Test func signalsDuringTheStartAreHandledAfterIt() throws {
        let (outcome, _) = try Self.start(
            """
            kill -HUP $gateway; kill -USR1 $gateway; kill -HUP $gateway; rm hold
            for i in {1..6000}; do grep -q '"reloaded"' log && break; sleep 0.01; done
            kill -TERM $gateway; wait $gateway; echo $?
            grep -oE '"(started|reload[a-z-]*|stopped)"' log; wc -l <runs
            """)
        #expect(outcome.lines == ["0", "\"started\"", "\"reloaded\"", "\"stopped\"", "2"], "\(outcome.output)")
    }

    // MARK: Before anything else

    /// A command that waits in its output, which nobody takes; env(1) unblocks what the tests' threads have blocked.
    private static func withoutReader(_ arguments: String, _ line: String) throws -> Signet.Outcome {
        let line = """
            mkfifo out; exec 3<>out; head -c 65536 /dev/zero >&3
            env --default-signal=HUP,USR1 "$SIGNET" \(arguments) >out & signet=$!
            \(line)
            exec 4<out 3>&-; cat <&4 >/dev/null &
            wait $signet; echo $?
            """
        return try Signet.shell(line, in: ScratchDirectory())
    }

    @Test func serveBlocksReloadSignalsFirst() throws {
        let outcome = try Self.withoutReader(
            "serve --help",
            """
            for i in {1..6000}; do
              # The name comes first: before the command there is env, which may have them blocked from the tests' thread.
              name=$(cat /proc/$signet/comm)
              blocked=$(sed -n 's/SigBlk:[[:space:]]*//p' /proc/$signet/status)
              [ "$name" = signet ] && [ $(( 16#$blocked & 16#201 )) = $(( 16#201 )) ] && echo held && break
              sleep 0.01
            done
            kill -HUP $signet; kill -USR1 $signet
            """)
        #expect(outcome.lines == ["held", "0"], "\(outcome.output) \(outcome.errors)")
    }

    @Test(arguments: [("HUP", "129"), ("USR1", "138")])
    func otherCommandsAreEndedByReloadSignals(name: String, status: String) throws {
        let outcome = try Self.withoutReader(
            "init --help",
            """
            for i in {1..6000}; do [[ $(readlink /proc/$signet/exe) == */signet ]] && break; sleep 0.01; done
            kill -\(name) $signet
            """)
        #expect(outcome.lines == [status], "\(outcome.output) \(outcome.errors)")
    }

    @Test func keyProgramsHaveDefaultSignals() throws {
        let gateway = try Self.gateway()
        let masks = try gateway.directory.text("signals").split(separator: "\n").map { line in
            try #require(UInt64(line.drop { $0 != "\t" }.dropFirst(), radix: 16))
        }
        #expect(masks.count == 2)
        // glibc has 32 and 33 to itself.
        for mask in masks { #expect(mask & 0x7fff_ffff == 0) }
    }
}
