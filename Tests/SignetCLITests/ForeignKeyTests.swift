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

/// A next key whose reader is the gateway's user, and not whoever makes it.
@Suite struct ForeignKeyTests {
    private static let canDropPrivileges =
        geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")

    @Test(.enabled(if: canDropPrivileges), arguments: [("400", "600"), ("440", "640"), ("600", "600")])
    func theNextKeyIsForWhoeverReadsTheOldOne(mode: String, expected: String) throws {
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

    @Test(.enabled(if: canDropPrivileges))
    func whoeverCannotGiveItAwayMakesNone() throws {
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
