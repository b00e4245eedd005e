import Foundation
import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem
import SignetTestSupport
import Testing

/// Commands whose output is a key: scripts in a scratch folder that work, and many that fail.
@Suite(.onThreads) struct KeyFromCommandTests {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    private func script(_ lines: String) throws -> String {
        try scratch.writeProgram("#!/bin/sh\n\(lines)\n", to: "command")
        return scratch.path("command")
    }

    /// In a process of its own: it is as if that process were ending.
    @Test func noCommandStartsOnceTheProcessIsEnding() async {
        await #expect(processExitsWith: .success) {
            KeyCommand.killRunning()
            let error = #expect(throws: KeyCommandError.self) { try KeyCommand(["true"]).output() }
            #expect(error?.kind == .cancelled)
        }
    }

    private static func text(_ secret: SecretBytes) -> String {
        secret.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// The error, and after how many milliseconds it came.
    private func failure(_ command: [String], within limit: Int64 = 100_000) -> (KeyCommandError?, Int64) {
        let start = MonotonicTime.now
        let error = #expect(throws: KeyCommandError.self) { try KeyCommand(command, within: limit).output() }
        return (error, start.milliseconds(until: .now))
    }

    @Test func wholeOutputIsTheKey() throws {
        let path = try script(#"printf 'one '; sleep 0.1; printf '%s|' "$@""#)
        #expect(Self.text(try KeyCommand([path, "a b", "$HOME", "*"]).output()) == "one a b|$HOME|*|")
    }

    @Test func programIsFoundThroughPATH() throws {
        #expect(Self.text(try KeyCommand(["printf", "%s\\n", "x"]).output()) == "x\n")
    }

    @Test func largestOutputIsAccepted() throws {
        let path = try script("head -c 65536 /dev/zero")
        #expect(try KeyCommand([path]).output().count == 65_536)
    }

    @Test(arguments: ["head -c 65537 /dev/zero", "yes"])
    func largerOutputIsRefusedAtOnce(lines: String) throws {
        #expect(failure([try script(lines)]).0?.kind == .tooLarge)
    }

    @Test(arguments: [
        "exec sleep 600", "trap '' TERM HUP INT; while :; do sleep 1; done", "sleep 600 & exit 0",
        "exec >&-; sleep 600", "printf secret; exec sleep 600", "trap '' TERM; exec >&- 2>&-; sleep 600 & wait",
    ])
    func commandOverTheLimitIsKilledWithItsGroup(lines: String) throws {
        let pid = scratch.path("pid")
        let path = try script("echo $$ > \(pid).new; mv \(pid).new \(pid)\n\(lines)")
        // A busy machine may not start the script within the first limits.
        for limit in [300, 3_000, 30_000] as [Int64] where !scratch.exists("pid") {
            let (error, milliseconds) = failure([path], within: limit)
            #expect(error?.kind == .timedOut(limit))
            #expect((limit - 10..<300_000).contains(milliseconds))
        }
        let group = try #require(pid_t(try scratch.text("pid").trimmingCharacters(in: .whitespacesAndNewlines)))
        try Self.waitForEnd(ofGroup: group)
    }

    @Test(arguments: [("exit 3", KeyCommandError.Kind.failed(3)), ("kill -9 $$", .killed(9))])
    func failedCommandIsKilledWithItsGroup(end: String, kind: KeyCommandError.Kind) throws {
        let path = try script("echo $$ > \(scratch.path("pid"))\nsleep 600 >/dev/null 2>&1 &\n\(end)")
        #expect(failure([path]).0?.kind == kind)
        let group = try #require(pid_t(try scratch.text("pid").trimmingCharacters(in: .whitespacesAndNewlines)))
        try Self.waitForEnd(ofGroup: group)
    }

    private static func waitForEnd(ofGroup group: pid_t) throws {
        for _ in 1...6_000 {
            if try !isAlive(group: group) { return }
            usleep(10_000)
        }
        Issue.record("something of the group is alive")
    }

    /// Whether a process of the group runs or sleeps. In some containers no process reaps zombies.
    private static func isAlive(group: pid_t) throws -> Bool {
        if kill(-group, 0) != 0 && errno == ESRCH { return false }
        return try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { name in
            guard let text = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { return false }
            // proc_pid_stat(5): the name in brackets, then the state, the parent and the group.
            let fields = text[end...].split(separator: " ")
            return fields.count > 3 && fields[3] == "\(group)" && fields[1] != "Z"
        }
    }

    @Test func otherStatusThan0IsRefused() throws {
        let (error, _) = failure([try script("echo MARKER; echo MARKER >&2; exit 3"), "--token", "MARKER"])
        #expect(error?.kind == .failed(3))
        #expect(error?.reason == "\"\(scratch.path("command"))\" ended with status 3")
        #expect(error?.hint?.contains("run it by hand") == true)
        #expect(error.map { "\($0) \($0.hint ?? "")".contains("MARKER") } == false)
    }

    @Test func endBySignalIsRefused() throws {
        let (error, _) = failure([try script("printf secret; kill -9 $$")])
        #expect(error?.kind == .killed(9))
    }

    @Test func missingProgramIsReported() throws {
        #expect(failure([scratch.path("none")]).0?.kind == .notFound)
        #expect(
            failure(["signet-test-no-such-program"]).0?.reason == "there is no program \"signet-test-no-such-program\"")
    }

    @Test func programWithoutExecuteModeIsReported() throws {
        try scratch.write("#!/bin/sh\necho key\n", to: "command", mode: 0o600)
        let (error, _) = failure([scratch.path("command")])
        #expect(error?.kind == .notStarted("Permission denied"))
    }

    @Test func scriptWithoutInterpreterLineIsReported() throws {
        try scratch.writeProgram("echo key\n", to: "bare")
        #expect(failure([scratch.path("bare")]).0?.kind == .notStarted("Exec format error"))
    }

    @Test func missingInterpreterIsReported() throws {
        try scratch.writeProgram("#!/nowhere/sh\necho key\n", to: "lost")
        let error = failure([scratch.path("lost")]).0
        #expect(error?.kind == .noInterpreter)
        #expect(
            error?.reason.hasSuffix("lost\" exists, but the interpreter that its first line (#!) names does not")
                == true)
    }

    @Test func cancellationKillsTheCommand() throws {
        let path = try script("exec sleep 600")
        let asked = Lock(0)
        let start = MonotonicTime.now
        let error = #expect(throws: KeyCommandError.self) {
            try KeyCommand([path], within: 300_000).output {
                asked.withLock { times in
                    times += 1
                    return times > 2
                }
            }
        }
        #expect(error?.kind == .cancelled)
        #expect(start.milliseconds(until: .now) < 150_000)
    }

    @Test func commandHasEmptyInputAndNoInheritedDescriptor() throws {
        let open = try FileHandle(forReadingFrom: scratch.url.appending(path: "../"))
        #expect(fcntl(open.fileDescriptor, F_SETFD, 0) == 0)
        let path = try script("cat; for number in /proc/self/fd/*; do echo \"${number##*/} $(readlink $number)\"; done")
        let lines = Self.text(try KeyCommand([path]).output()).split(separator: "\n")
        // The shell has the script open, and for a moment the folder that it lists.
        let others = lines.filter { line in
            !["0 ", "1 ", "2 "].contains(where: line.hasPrefix) && !line.hasSuffix("/command")
        }
        #expect(others.allSatisfy { $0.hasSuffix(" ") }, "\(lines)")
        #expect(lines.contains("0 /dev/null"))
        #expect(lines.contains("2 /dev/null"))
        withExtendedLifetime(open) {}
    }

    @Test func commandHasDefaultSignals() throws {
        signal(SIGUSR2, SIG_IGN)
        defer { signal(SIGUSR2, SIG_DFL) }
        var mask = sigset_t()
        var before = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &mask, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let status = Self.text(try KeyCommand(["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"]).output())
        // glibc reserves 32 and 33, and every child ignores them.
        let sets = status.split(separator: "\n").compactMap { UInt64($0.suffix(16), radix: 16) }.map { $0 & ~(3 << 31) }
        #expect(sets == [0, 0], "\(status)")
    }
}
