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

/// A configuration that somebody else than its owner changes.
@Suite struct ForeignConfigurationTests {
    private static let canDropPrivileges =
        geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")

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

    @Test(.enabled(if: canDropPrivileges), arguments: ["0:0", "65534:0", "0:65534"])
    func itIsNotTakenFromItsOwner(owner: String) throws {
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

    @Test(.enabled(if: canDropPrivileges))
    func itsOwnerChangesIt() throws {
        let (outcome, before, after) = try Self.advance("65534:65534")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("65534:65534 644\n"))
        #expect(after != before)
    }
}
