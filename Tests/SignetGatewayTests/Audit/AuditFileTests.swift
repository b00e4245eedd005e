import Foundation
import SignetConfiguration
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

@testable import SignetGateway

/// Restarts, crashes, rotation, and files that are not what they should be.
@Suite(.onThreads) struct AuditFileTests {
    private let directory: ScratchDirectory
    private let path: String

    init() throws {
        directory = try ScratchDirectory()
        path = directory.path("audit.jsonl")
    }

    /// Why a file is not opened.
    private func refusal(path: String? = nil, key: HS256Key? = nil) throws -> SignetError {
        let error = try #require(throws: SignetError.self) {
            try AuditFile(path: path ?? self.path, key: key ?? AuditFixture.key())
        }
        #expect(error.code == "audit-unavailable")
        return error
    }

    @Test func aRestartContinuesTheChain() async throws {
        let head = try #require(try await AuditFixture.record(1...3, to: path))
        let again = try AuditFile(path: path, key: AuditFixture.key())
        #expect(again.head == head && again.repairedBytes == 0)
        try await again.keep(AuditFixture.entry(4))
        let report = try AuditFixture.verify([path], heads: [head, try #require(again.head)])
        #expect(report.isWhole && report.provesHead && report.lines == 4 && report.chains.count == 1)
    }

    /// A crash in mid-write leaves a beginning of a line, whatever its length.
    @Test func everyTornTailIsCutOffAndTheChainGoesOn() async throws {
        try await AuditFixture.record(1...2, to: path)
        let original = try AuditFixture.bytes(directory)
        let first = AuditFixture.lines(original)[0].count
        for count in 1..<original.count
        where count % 7 == 0 || count < first && count % 3 == 0 || count == original.count - 1 {
            try directory.write(original[..<count], to: "audit.jsonl")
            let whole = count < first ? 0 : first
            let file = try AuditFile(path: path, key: AuditFixture.key())
            #expect(file.repairedBytes == count - whole)
            #expect(file.head?.sequence == (whole == 0 ? nil : 1))
            try await file.keep(AuditFixture.entry(9))
            let report = try AuditFixture.verify([path])
            #expect(report.isWhole && report.lines == (whole == 0 ? 1 : 2), "cut at \(count)")
        }
    }

    @Test func aBlockThatNeverGotItsContentsIsCutOff() async throws {
        try await AuditFixture.record(1...2, to: path)
        let original = try AuditFixture.bytes(directory)
        try directory.write(original + [UInt8](repeating: 0, count: 3000), to: "audit.jsonl")
        let file = try AuditFile(path: path, key: AuditFixture.key())
        #expect(file.repairedBytes == 3000)
        #expect(try AuditFixture.bytes(directory) == original)
    }

    /// Refused, and left byte for byte as it is.
    @Test(arguments: [
        ("a secret without a line end", Array("0123456789".utf8)), ("text", Array("hello\nworld\n".utf8)),
        ("text behind a line end", Array("\nhello".utf8)), ("an empty line", [0x0A]),
        ("JSON", Array(#"{"v":1,"chain":"x"}"#.utf8 + [0x0A])),
        (
            "a line without an end that is too long",
            Array(#"{"v":1,"chain":""#.utf8) + [UInt8](repeating: 0x61, count: 70_000)
        ),
    ])
    func whatIsNoAuditFileIsRefusedAndLeftAlone(name: String, contents: [UInt8]) throws {
        let reason = contents.last == 0x0A ? "does not match this digest key" : "does not end with an audit line"
        try directory.write(contents, to: "audit.jsonl")
        #expect(try refusal().reason.contains(reason))
        #expect(try AuditFixture.bytes(directory) == contents)
    }

    @Test func aTailOfAnotherKeyOrThatWasChangedIsRefused() async throws {
        try await AuditFixture.record(1...2, to: path)
        let other = try AuditFixture.key("another-MARKER-key-of-at-least-32-bytes")
        let error = try refusal(key: other)
        #expect(error.reason.contains("does not match this digest key"))
        #expect(error.hint?.contains("signet audit verify") == true)
        #expect(!"\(error)\(error.hint ?? "")".contains("MARKER"))
        var changed = try AuditFixture.bytes(directory)
        changed[changed.count - 200] ^= 1
        try directory.write(changed, to: "audit.jsonl")
        #expect(try refusal().reason.contains("does not match this digest key"))
    }

    @Test func whatIsNoRegularFileIsRefused() throws {
        #expect(try refusal(path: directory.root).reason.hasSuffix("cannot be opened: Is a directory"))
        #expect(try refusal(path: "/dev/null").reason.contains("is not a regular file"))
        let missing = try refusal(path: directory.path("no/such"))
        #expect(missing.reason.hasSuffix("cannot be opened: No such file or directory"))
        try directory.write("", to: "real")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: directory.path("real"))
        #expect(try refusal().reason.contains("symbolic link"))
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.linkItem(atPath: directory.path("real"), toPath: path)
        #expect(try refusal().reason.hasSuffix("has 2 names (hard links)"))
    }

    @Test(arguments: [0o620, 0o602, 0o666, 0o777])
    func aFileThatOthersMayWriteIsRefused(mode: Int) throws {
        try directory.write("", to: "audit.jsonl", mode: mode)
        let error = try refusal()
        #expect(error.reason.contains("other users may write"))
        #expect(error.hint == "chmod 600 \(path)")
    }

    @Test func twoCannotWriteOneFile() async throws {
        let file = try AuditFile(path: path, key: AuditFixture.key())
        #expect(try refusal().reason.contains("another process writes"))
        try await file.keep(AuditFixture.entry(1))
    }

    /// Whoever owns the folder could have root write anywhere.
    @Test(.enabled(if: geteuid() == 0)) func linkOfAnotherUserToAFolderOfRootIsNotFollowed() throws {
        try FileManager.default.createDirectory(atPath: directory.path("roots"), withIntermediateDirectories: false)
        let link = directory.path("logs")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: directory.path("roots"))
        #expect(lchown(link, 65534, 65534) == 0)
        #expect(try refusal(path: link + "/audit.jsonl").reason.contains("symbolic link"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path("roots")).isEmpty)
        #expect(lchown(link, 0, 0) == 0)
        _ = try AuditFile(path: link + "/audit.jsonl", key: AuditFixture.key())
    }

    // MARK: Rotation

    /// A file that nobody looks after but by ``AuditFile/reopen()``.
    private func open(_ events: AuditEvents) throws -> AuditFile {
        try AuditFile(
            path: path, key: AuditFixture.key(), durability: .process, system: AuditSystem(lookInterval: 600_000),
            onEvent: events.report)
    }

    @Test(.timeLimit(.minutes(5))) func rotationCarriesTheChainOn() async throws {
        var events = AuditEvents()
        let file = try open(events)
        file.reopen()
        #expect(await events.next() == "reopened")
        try await file.keep(AuditFixture.entry(1))
        try FileManager.default.moveItem(atPath: path, toPath: directory.path("audit.jsonl.1"))
        // Until the signal, lines go on into the file that was moved.
        try await file.keep(AuditFixture.entry(2))
        file.reopen()
        #expect(await events.next() == "reopened")
        try await file.keep(AuditFixture.entry(3))
        try await file.keep(AuditFixture.entry(4))
        let report = try AuditFixture.verify(directory, "audit.jsonl.1", "audit.jsonl")
        #expect(report.isWhole && report.findings.isEmpty && report.lines == 4 && report.chains.count == 1)
        let later = try AuditFixture.verify(directory, "audit.jsonl")
        #expect(later.isWhole && later.kinds == [.beginsLater] && later.chains.first?.first.sequence == 3)
        #expect(try AuditFixture.verify(directory, "audit.jsonl", "audit.jsonl.1").kinds.contains(.outOfOrder))
    }

    /// Nobody sends a signal.
    @Test(.timeLimit(.minutes(5)), arguments: AuditDurability.allCases, [true, false])
    func fileThatWasMovedOrRemovedIsMadeAnew(durability: AuditDurability, isRemoved: Bool) async throws {
        var events = AuditEvents()
        let file = try AuditFile(
            path: path, key: AuditFixture.key(), durability: durability, system: AuditSystem(lookInterval: 10),
            onEvent: events.report)
        try await file.keep(AuditFixture.entry(1))
        if isRemoved {
            try FileManager.default.removeItem(atPath: path)
        } else {
            try FileManager.default.moveItem(atPath: path, toPath: directory.path("audit.jsonl.1"))
        }
        #expect(await events.next() == "reopened")
        try await file.keep(AuditFixture.entry(2))
        let report = try AuditFixture.verify(directory, "audit.jsonl")
        #expect(report.kinds == [.beginsLater] && report.chains.first?.first.sequence == 2)
    }

    @Test(.timeLimit(.minutes(5))) func aRotatedFileThatIsNotGivenIsMissing() async throws {
        var events = AuditEvents()
        let file = try open(events)
        for number in 1...3 {
            try await file.keep(AuditFixture.entry(number))
            try FileManager.default.moveItem(atPath: path, toPath: directory.path("audit.\(number)"))
            file.reopen()
            #expect(await events.next() == "reopened")
        }
        #expect(try AuditFixture.verify(directory, "audit.1", "audit.2", "audit.3", "audit.jsonl").isWhole)
        let report = try AuditFixture.verify(directory, "audit.1", "audit.3")
        #expect(report.kinds == [.missing])
        #expect(report.findings.first?.description.hasSuffix("audit.3:1: line 2 is missing before this one") == true)
    }

    @Test(.timeLimit(.minutes(5))) func rotationIntoAFileThatIsThereIsRefusedAndLosesNothing() async throws {
        var events = AuditEvents()
        let file = try open(events)
        try await file.keep(AuditFixture.entry(1))
        try FileManager.default.moveItem(atPath: path, toPath: directory.path("audit.jsonl.1"))
        try directory.write("somebody's\n", to: "audit.jsonl")
        file.reopen()
        #expect(await events.next() == "reopen failed")
        try await file.keep(AuditFixture.entry(2))
        #expect(try directory.text("audit.jsonl") == "somebody's\n")
        #expect(try AuditFixture.verify(directory, "audit.jsonl.1").lines == 2)
    }

    /// Lines of a file without a name would be lost, so nothing is recorded until there is another one.
    @Test(.timeLimit(.minutes(5))) func fileThatWasRemovedAndCannotBeMadeAnewRefusesEverything() async throws {
        var events = AuditEvents()
        let file = try AuditFile(
            path: path, key: AuditFixture.key(), durability: .process, system: AuditSystem(lookInterval: 10),
            onEvent: events.report)
        try await file.keep(AuditFixture.entry(1))
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        // Looks before the folder was made may have found a place for a new file: it is not removed then.
        var seen: [String?] = []
        while seen.last != "failed" { seen.append(await events.next()) }
        #expect(seen.suffix(2) == ["reopen failed", "failed"])
        #expect(try await file.refusal(AuditFixture.entry(2)).contains(path))
        #expect(file.failedSince != nil)
        try FileManager.default.removeItem(atPath: path)
        #expect(await events.next() == "resumed")
        #expect(file.failedSince == nil)
        try await file.keep(AuditFixture.entry(3))
        #expect(try AuditFixture.verify(directory, "audit.jsonl").isWhole)
    }

    // MARK: Threads

    @Test(arguments: AuditDurability.allCases)
    func manyAtOnceWriteOneChain(durability: AuditDurability) async throws {
        let count = durability == .machine ? 20 : 500
        let file = try AuditFile(path: path, key: AuditFixture.key(), durability: durability)
        try await withThrowingTaskGroup { group in
            for task in 1...8 {
                group.addTask {
                    for number in 1...count { try await file.keep(AuditFixture.entry(number, caller: "task-\(task)")) }
                }
            }
            try await group.waitForAll()
        }
        let report = try AuditFixture.verify([path], heads: [try #require(file.head)])
        #expect(report.isWhole && report.provesHead && report.lines == Int64(8 * count))
    }
}
