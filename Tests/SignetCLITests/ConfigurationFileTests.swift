import Foundation
import SignetSystem
import SignetTestSupport
import Testing

/// What happens to the configuration's file itself when a command changes it.
@Suite struct ConfigurationFileTests {
    private static let off = MigrateStepTests.text("\"stage\": \"off\"")
    private static let shadow = MigrateStepTests.text("\"stage\": \"shadow\"")

    private static func drafts(_ directory: ScratchDirectory) -> [String] {
        directory.contents.filter { $0.hasSuffix(".new") }
    }

    @Test(arguments: [0o600, 0o640, 0o644, 0o664, 0o400])
    func modeStaysWithAnyUmask(mode: Int) throws {
        let workplace = try Workplace()
        try workplace.directory.write(Self.off, to: "signet.json", mode: mode)
        let outcome = try Signet.shell("umask 077; \"$SIGNET\" migrate advance help", in: workplace.directory)
        #expect(outcome.status == 0)
        #expect(try workplace.directory.mode("signet.json") == mode)
        #expect(try workplace.directory.text("signet.json") == Self.shadow)
        #expect(Self.drafts(workplace.directory).isEmpty)
    }

    @Test(.enabled(if: geteuid() == 0)) func ownerAndGroupStay() throws {
        let workplace = try Workplace(Self.off)
        let path = workplace.directory.path("signet.json")
        #expect(chown(path, 12345, 23456) == 0)
        #expect(try workplace.signet("migrate", "advance", "help").status == 0)
        var information = stat()
        #expect(stat(path, &information) == 0)
        #expect(information.st_uid == 12345 && information.st_gid == 23456)
    }

    @Test func symbolicLinkStaysAndItsTargetIsReplaced() throws {
        let workplace = try Workplace()
        let directory = workplace.directory
        try directory.write(Self.off, to: "versions/three/real.json", mode: 0o640)
        try directory.remove("signet.json")
        let made = try Signet.shell("ln -s three versions/now; ln -s versions/now/real.json signet.json", in: directory)
        #expect(made.status == 0)
        let outcome = try workplace.signet("migrate", "advance", "help")
        #expect(outcome.status == 0)
        #expect(try directory.text("versions/three/real.json") == Self.shadow)
        #expect(try directory.mode("versions/three/real.json") == 0o640)
        let links = try Signet.shell("readlink signet.json versions/now", in: directory)
        #expect(links.output == "versions/now/real.json\nthree\n")
        #expect(Self.drafts(directory).isEmpty)
    }

    @Test func pathsAreRelativeToTheLinkNotToItsTarget() throws {
        let workplace = try Workplace()
        try workplace.directory.write(Self.off, to: "elsewhere/real.json", mode: 0o644)
        try workplace.directory.remove("signet.json")
        #expect(try Signet.shell("ln -s elsewhere/real.json signet.json", in: workplace.directory).status == 0)
        #expect(try workplace.signet("keys", "rotate", "talkative-uk").status == 0)
        #expect(workplace.directory.exists("keys/talkative-2.private.pem"))
    }

    @Test(arguments: [
        "mkfifo pipe.json; timeout -s KILL 100 \"$SIGNET\" migrate advance help -c pipe.json",
        "\"$SIGNET\" migrate advance help -c /dev/stdin < signet.json",
        "ln -s nowhere.json lost.json; \"$SIGNET\" migrate advance help -c lost.json",
        "\"$SIGNET\" migrate advance help -c keys", "\"$SIGNET\" migrate advance help -c absent.json",
    ])
    func specialFileIsNotReplaced(line: String) throws {
        let workplace = try Workplace(Self.off)
        let piped = try Signet.shell("cat signet.json | (\(line))", in: workplace.directory)
        // /dev/stdin of a regular file is that file.
        #expect(piped.status == (line.contains("/dev/stdin") ? 0 : 3), "\(piped.errors)")
        #expect(Self.drafts(workplace.directory).isEmpty)
    }

    @Test func fileWithSeveralNamesIsNotReplaced() throws {
        let workplace = try Workplace(Self.off)
        #expect(try Signet.shell("ln signet.json other.json", in: workplace.directory).status == 0)
        let before = try workplace.directory.text("signet.json")
        let outcome = try workplace.signet("migrate", "advance", "help")
        #expect(outcome.status == 3 && outcome.output == "")
        #expect(
            outcome.notes == [
                "signet: error: signet.json has 2 names (hard links), and the others would keep the old contents",
                "signet: hint: make it a file with one name: cp signet.json signet.json.new && mv signet.json.new signet.json",
            ])
        #expect(try workplace.directory.text("signet.json") == before)
        #expect(Self.drafts(workplace.directory).isEmpty)
    }

    @Test func folderThatCannotBeWrittenIsReportedAndNothingChanges() throws {
        let workplace = try Workplace()
        try workplace.directory.write(Self.off, to: "closed/signet.json", mode: 0o644)
        // Root may write everywhere, and gives itself up for this.
        let asNobody = geteuid() == 0 ? "setpriv --reuid 65534 --regid 65534 --clear-groups " : ""
        let line =
            "cp \"$SIGNET\" ./signet && chmod 755 . signet && chmod 555 closed && \(asNobody)./signet migrate advance help -c closed/signet.json"
        let outcome = try Signet.shell(line, in: workplace.directory)
        _ = try Signet.shell("chmod 755 closed", in: workplace.directory)
        #expect(outcome.status == 3)
        #expect(outcome.output == "")
        #expect(outcome.notes.count == 1)
        #expect(outcome.errors.hasPrefix("signet: error: closed/signet.json: nothing can be written beside it, in /"))
        #expect(outcome.errors.hasSuffix("/closed: Permission denied\n"))
        #expect(try workplace.directory.text("closed/signet.json") == Self.off)
        #expect(workplace.directory.contents.filter { $0.hasPrefix("closed/") } == ["closed/signet.json"])
    }

    /// A sanitizer writes files of its own.
    @Test(.disabled(if: Sanitizer.isActive)) func fullDiskLeavesTheOldFile() throws {
        let workplace = try Workplace(Self.off)
        let outcome = try Signet.shell(
            "(ulimit -f 0; \"$SIGNET\" migrate advance help) 2>&1 | cat", in: workplace.directory)
        #expect(outcome.output.hasPrefix("signet: error: signet.json: "))
        #expect(try workplace.directory.text("signet.json") == Self.off)
        #expect(Self.drafts(workplace.directory).isEmpty)
    }

    @Test func killedProcessLeavesTheOldOrTheNewFile() throws {
        let workplace = try Workplace(Self.off)
        let directory = workplace.directory
        let texts = Set([Self.off, Self.shadow])
        let start = ContinuousClock.now
        #expect(try workplace.signet("migrate", "advance", "help").status == 0)
        // In moments all over the time that it takes on this machine.
        let step = (ContinuousClock.now - start) / 60
        for round in 0..<60 {
            let before = try directory.text("signet.json")
            let verb = before == Self.off ? "advance" : "back"
            let process = Process()
            process.executableURL = URL(filePath: try Signet.executable())
            process.arguments = ["migrate", verb, "help"]
            process.currentDirectoryURL = directory.url
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            usleep(UInt32((step * round) / .microseconds(1)))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            #expect(texts.contains(try directory.text("signet.json")))
        }
        #expect(Self.drafts(directory).allSatisfy { $0.hasPrefix(".signet.json.") })
    }

    @Test func readerNeverSeesAPartialFile() throws {
        let workplace = try Workplace(Self.off)
        let line = """
            (for i in $(seq 30); do "$SIGNET" migrate advance help; "$SIGNET" migrate back help; done) >/dev/null 2>&1 &
            while kill -0 $! 2>/dev/null; do sha256sum < signet.json; done | sort -u | wc -l
            """
        let count = try Signet.shell(line, in: workplace.directory).output.filter(\.isNumber)
        #expect(["1", "2"].contains(count))
        #expect(try workplace.directory.text("signet.json") == Self.off)
    }

    @Test func simultaneousCommandsLoseNoChange() throws {
        let workplace = try Workplace(MigrateStepTests.text("\"stage\": \"live\", \"percent\": 0.001"))
        // Each makes a key of its own; none of the entries may get lost.
        let line = """
            for i in $(seq 12); do "$SIGNET" keys rotate talkative-uk --name key-$i > /dev/null 2>&1 & done
            "$SIGNET" migrate advance help --percent 5 2>/dev/null & wait
            """
        #expect(try Signet.shell(line, in: workplace.directory).status == 0)
        let text = try workplace.directory.text("signet.json")
        for number in 1...12 {
            #expect(text.contains("\"key-\(number)\": { \"file\": \"keys/key-\(number).private.pem\" },"))
        }
        #expect(text.contains("\"percent\": 5 "))
        #expect(try workplace.signet("check").status == 0)
    }

    @Test func simultaneousStepsAreEachMadeOrRefused() throws {
        let workplace = try Workplace(Self.off)
        let line = "for i in $(seq 20); do \"$SIGNET\" migrate advance help 2>/dev/null & done; wait"
        let outcome = try Signet.shell(line, in: workplace.directory)
        let steps = [
            "off", "shadow", "live 1 %", "live 5 %", "live 25 %", "live 50 %", "live 100 %", "rampdown", "complete",
        ]
        #expect(Set(outcome.lines) == Set(zip(steps, steps.dropFirst()).map { "help: \($0) -> \($1)" }))
        #expect(outcome.lines.count == steps.count - 1)
    }
}

/// `-c` before $SIGNET_CONFIG before ./signet.json before ./signet.jsonc; `-` is stdin.
@Suite struct ConfigurationChoiceTests {
    private static func text(_ route: String) -> String {
        #"{"keys":{"k":{"env":"K","encoding":"utf8","kid":"x"}},"connections":{"c":{"vendor":"dg","key":"k"}},"#
            + #""routes":{"\#(route)":{"connection":"c"}}}"#
    }

    private static func directory(_ names: [String]) throws -> ScratchDirectory {
        let directory = try ScratchDirectory()
        for name in names { try directory.write(text(name.prefix { $0 != "/" && $0 != "." } + "-route"), to: name) }
        return directory
    }

    private static let hint = "signet: hint: valid: "

    @Test(arguments: [
        (
            ["flag.json", "variable.json", "signet.json", "signet.jsonc"], ["-c", "flag.json"], "variable.json",
            "flag-route"
        ),
        (["flag.json", "variable.json"], ["--config=flag.json"], "variable.json", "flag-route"),
        (["variable.json", "signet.json", "signet.jsonc"], [], "variable.json", "variable-route"),
        (["signet.json", "signet.jsonc"], [], "", "signet-route"), (["signet.jsonc"], [], "", "signet-route"),
        (["signet.json"], ["-c", "signet.json"], "nowhere.json", "signet-route"),
    ])
    func configurationIsChosenByPrecedence(files: [String], flags: [String], variable: String, route: String) throws {
        let outcome = try Signet.run(
            ["explain", "none-of-these"] + flags, in: Self.directory(files), environment: ["SIGNET_CONFIG": variable])
        #expect(outcome.status == 2)
        #expect(outcome.notes.last == Self.hint + route)
    }

    @Test func signetJSONPrecedesSignetJSONC() throws {
        let directory = try ScratchDirectory()
        try directory.write(Self.text("plain"), to: "signet.json")
        try directory.write(Self.text("commented"), to: "signet.jsonc")
        #expect(try Signet.run(["explain", "x-y"], in: directory).notes.last == Self.hint + "plain")
    }

    @Test func dashReadsStandardInput() throws {
        let outcome = try Signet.run(["explain", "a", "-c", "-"], in: try ScratchDirectory(), input: Self.text("a"))
        #expect(outcome.output == "a: c (dg): the route names this connection\n")
        let broken = try Signet.run(["explain", "a", "-c", "-"], in: try ScratchDirectory(), input: "{")
        #expect(broken.notes == ["-:1:2: error: a member name in double quotes is expected here"])
    }

    @Test func missingConfigurationHintNamesInit() throws {
        let outcome = try Signet.run(["check"], in: try ScratchDirectory())
        #expect(outcome.status == 3)
        #expect(
            outcome.notes == [
                "signet: error: the configuration cannot be read: signet.json: no such file",
                "signet: hint: signet init makes one; -c FILE or $SIGNET_CONFIG names one",
            ])
    }

    @Test func missingNamedFileIsNotReplacedByADefault() throws {
        let outcome = try Signet.run(["check", "-c", "other.json"], in: Self.directory(["signet.json"]))
        #expect(outcome.status == 3)
        #expect(outcome.notes.first?.hasPrefix("signet: error: the configuration cannot be read: other.json: ") == true)
    }

    @Test func keyPathsAreRelativeToTheConfiguration() throws {
        let directory = try ScratchDirectory()
        try directory.write(Self.text("a").replacing(#""env":"K""#, with: #""file":"k""#), to: "inner/signet.json")
        try directory.write(Workplace.dgSecret, to: "inner/k")
        #expect(try Signet.run(["sign", "a", "--subject", "1", "-c", "inner/signet.json"], in: directory).status == 0)
    }
}
