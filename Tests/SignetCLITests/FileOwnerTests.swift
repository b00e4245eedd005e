import Foundation
import SignetSystem
import SignetTestSupport
import Testing

/// A next key whose reader is the gateway's user, and not whoever makes it.
@Suite struct KeyOwnerTests {
    @Test(.enabled(if: Signet.canDropPrivileges), arguments: [("400", "600"), ("440", "640"), ("600", "600")])
    func nextKeyIsReadableForReadersOfTheOldOne(mode: String, expected: String) throws {
        let workplace = try Workplace()
        let line = """
            chmod 755 . && chown -R 65534:65534 keys && chmod \(mode) keys/*.pem
            "$SIGNET" keys rotate talkative-uk >/dev/null 2>&1 || exit
            stat -c '%u:%g %a' keys/talkative-2.private.pem
            setpriv --reuid=65534 --regid=65534 --clear-groups "$SIGNET" keys inspect keys/talkative-2.private.pem
            """
        let outcome = try Signet.shell(line, in: workplace.directory)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.lines.first == "65534:65534 \(expected)")
    }

    @Test(.enabled(if: Signet.canDropPrivileges))
    func nextKeyThatCannotGetItsOwnerIsNotMade() throws {
        let workplace = try Workplace()
        let before = try workplace.directory.text("signet.json")
        let line = """
            chmod 777 . keys && chown 65534:65534 signet.json keys/*
            chown 65533:65534 keys/talkative.private.pem && chmod 640 keys/talkative.private.pem
            setpriv --reuid=65534 --regid=65534 --clear-groups "$SIGNET" keys rotate talkative-uk
            """
        let outcome = try Signet.shell(line, in: workplace.directory)
        #expect(outcome.status == 3)
        #expect(
            outcome.notes.first
                == "signet: error: keys/talkative-2.private.pem has to belong to 65533:65534, like the old file, "
                + "and this user cannot give it to that owner")
        #expect(!workplace.directory.exists("keys/talkative-2.private.pem"))
        #expect(!workplace.directory.exists("keys/talkative-2.public.pem"))
        #expect(try workplace.directory.text("signet.json") == before)
    }
}

/// A configuration that somebody else than its owner changes.
@Suite struct ConfigurationOwnerTests {
    /// Changes a configuration of that owner and group as the user and group 65534.
    private static func advance(_ owner: String) throws -> (outcome: Signet.Outcome, before: String, after: String) {
        let workplace = try Workplace()
        let before = try workplace.directory.text("signet.json")
        let line = """
            chmod 777 . && chown \(owner) signet.json && chmod 644 signet.json
            setpriv --reuid=65534 --regid=65534 --clear-groups "$SIGNET" migrate advance moving; status=$?
            stat -c '%u:%g %a' signet.json; ls -A | tr '\\n' ' '; exit $status
            """
        let outcome = try Signet.shell(line, in: workplace.directory)
        return (outcome, before, try workplace.directory.text("signet.json"))
    }

    @Test(.enabled(if: Signet.canDropPrivileges), arguments: ["0:0", "65534:0", "0:65534"])
    func configurationOfAnotherOwnerIsNotReplaced(owner: String) throws {
        let (outcome, before, after) = try Self.advance(owner)
        #expect(outcome.status == 3)
        #expect(outcome.lines.first == "\(owner) 644")
        #expect(outcome.output.hasSuffix("keys signet.json "))
        #expect(
            outcome.notes == [
                "signet: error: signet.json belongs to \(owner); "
                    + "this user cannot keep that when replacing it, so nothing was written",
                "signet: hint: run the command as the file's owner, who has to be in its group, or as root",
            ])
        #expect(after == before)
    }

    @Test(.enabled(if: Signet.canDropPrivileges))
    func ownerCanChangeTheConfiguration() throws {
        let (outcome, before, after) = try Self.advance("65534:65534")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("65534:65534 644\n"))
        #expect(after != before)
    }
}
