import SignetTestSupport
import Testing

@Suite struct InitAndDemoTests {
    private static let made = [
        "keys", "keys/.gitignore", "keys/backend.token", "keys/dg.secret", "keys/log-digest.secret", "keys/pega.secret",
        "keys/talkative.private.pem", "keys/talkative.public.pem", "signet.json", "signet.schema.json",
    ]

    @Test func initMakesAWorkingConfiguration() throws {
        let directory = try ScratchDirectory()
        let outcome = try Signet.run(["init"], in: directory)
        #expect(outcome.status == 0)
        #expect(
            outcome.notes == [
                "signet: wrote keys/talkative.private.pem", "signet: wrote keys/talkative.public.pem",
                "signet: wrote keys/pega.secret", "signet: wrote keys/dg.secret",
                "signet: wrote keys/log-digest.secret",
                "signet: wrote keys/backend.token", "signet: wrote keys/.gitignore", "signet: wrote signet.json",
                "signet: wrote signet.schema.json",
            ])
        #expect(directory.contents == Self.made)
        for name in ["dg.secret", "pega.secret", "talkative.private.pem", "log-digest.secret", "backend.token"] {
            #expect(try directory.mode("keys/\(name)") == 0o600)
        }
        let check = try Signet.run(["check"], in: directory)
        #expect(check.status == 0)
        #expect(check.lines.filter { $0.contains("the secret is a placeholder") }.count == 2)
        // The gateway's own tests start it; here it would go on for ever.
        let commands = outcome.lines.filter { $0.hasPrefix("  signet ") && $0 != "  signet serve" }
        #expect(commands.count >= 2)
        for command in commands {
            let next = try Signet.shell(
                command.replacing("signet ", with: "\"$SIGNET\" ", maxReplacements: 1), in: directory)
            #expect(next.status == 0, "\(command)")
        }
    }

    @Test func existingIgnoreFileIsKeptAndNotListed() throws {
        let directory = try ScratchDirectory()
        try directory.write("mine", to: "keys/.gitignore")
        let outcome = try Signet.run(["init"], in: directory)
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("backend.token") && !outcome.errors.contains(".gitignore"))
        #expect(try directory.text("keys/.gitignore") == "mine")
    }

    @Test func nextStepsNameTheFolder() throws {
        let directory = try ScratchDirectory()
        let outcome = try Signet.run(["init", "a/b"], in: directory)
        #expect(outcome.lines.contains("  signet check -c a/b/signet.json"))
        #expect(try Signet.run(["check", "-c", "a/b/signet.json"], in: directory).status == 0)
    }

    @Test(arguments: made.filter { !["keys", "keys/.gitignore"].contains($0) })
    func initChangesNoExistingFile(name: String) throws {
        let directory = try ScratchDirectory()
        try directory.write("mine", to: name)
        let before = directory.contents
        let outcome = try Signet.run(["init"], in: directory)
        #expect(outcome.status == 2)
        #expect(
            outcome.notes == [
                "signet: error: \(name) exists already",
                "signet: hint: signet init changes no existing file: choose another folder",
            ])
        #expect(directory.contents == before)
        #expect(try directory.text(name) == "mine")
    }

    /// Not under a sanitizer, whose own files are over the limit at once.
    @Test(.enabled(if: !Sanitizer.isActive)) func failedInitLeavesNothing() throws {
        let directory = try ScratchDirectory()
        // No file may have more than 1 KiB: the keys can be written, the configuration cannot.
        let outcome = try Signet.shell("trap '' XFSZ; ulimit -f 1; \"$SIGNET\" init new", in: directory)
        #expect(outcome.status == 3)
        #expect(outcome.notes == ["signet: error: new/signet.schema.json: File too large"])
        #expect(outcome.output == "")
        #expect(directory.contents == [])
        try directory.write("mine", to: "old/keys/mine")
        #expect(try Signet.shell("trap '' XFSZ; ulimit -f 1; \"$SIGNET\" init old", in: directory).status == 3)
        #expect(directory.contents == ["old", "old/keys", "old/keys/mine"])
    }

    @Test func demoSignsAndVerifiesForEveryVendor() throws {
        let directory = try ScratchDirectory()
        let outcome = try Signet.run(["demo", "here", "--once"], in: directory)
        #expect(outcome.status == 0)
        #expect(outcome.notes.allSatisfy { $0.hasPrefix(#"{"time":"#) })
        #expect(outcome.lines.filter { $0 == "    valid" }.count == 3)
        #expect(outcome.lines.contains("  here/keys/.gitignore"))
        #expect(directory.contents == ["here", "here/audit.jsonl"] + Self.made.map { "here/\($0)" })
        for vendor in ["talkative", "pega", "dg"] {
            #expect(
                outcome.lines.contains { $0.hasPrefix("\(vendor): customer 12345, signed for connection \(vendor)-") })
            #expect(outcome.lines.contains("\(vendor): a badge from the gateway, HTTP 200"))
        }
    }

    @Test func demoWithoutAFolderUsesAScratchFolder() throws {
        let directory = try ScratchDirectory()
        let outcome = try Signet.run(["demo", "--once"], in: directory, environment: ["TMPDIR": directory.root])
        #expect(outcome.status == 0)
        #expect(directory.contents.first?.hasPrefix("signet-demo.") == true)
        let nowhere = try Signet.run(["demo", "--once"], in: directory, environment: ["TMPDIR": "/nowhere"])
        #expect(nowhere.status == 3)
        #expect(
            nowhere.notes == [
                "signet: error: no scratch folder can be made in /nowhere",
                "signet: hint: name a folder: signet demo DIR",
            ])
    }
}
