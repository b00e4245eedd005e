import Foundation
import SignetTestSupport
import Testing

@testable import SignetJOSE
@testable import SignetSystem

/// Files in a directory in which another user may replace any file at any moment.
@Suite struct DirectoryTests {
    private static func kind(_ body: () throws(SignetError) -> Void) -> FileFault? {
        do throws(SignetError) {
            try body()
            return nil
        } catch {
            return FileFault(rawValue: error.code)
        }
    }

    private static func status(_ path: String) throws -> stat {
        var information = stat()
        try #require(lstat(path, &information) == 0)
        return information
    }

    // MARK: The name that a file gets

    /// The existing file of the same name.
    enum Taken: String, CaseIterable {
        case nothing, file, link, lostLink, folder
    }

    private static func take(_ name: Taken, in directory: ScratchDirectory) throws {
        let path = "\(directory.root)/a"
        switch name {
        case .nothing: break
        case .file: _ = try directory.file("a", Array("old".utf8))
        case .link: try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "victim")
        case .lostLink: try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "absent")
        case .folder: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
    }

    @Test(arguments: [
        (Directory.Existing.kept, Taken.nothing, FileFault?.none), (.kept, .file, .exists),
        (.kept, .link, .exists),
        (.kept, .lostLink, .exists), (.kept, .folder, .exists), (.replaced, .nothing, nil), (.replaced, .file, nil),
        (.replaced, .link, nil), (.replaced, .lostLink, nil), (.replaced, .folder, .isDirectory),
    ])
    func newFileGetsItsNameAndFollowsNoLink(
        existing: Directory.Existing, taken: Taken, expected: FileFault?
    ) throws {
        let directory = try ScratchDirectory()
        let victim = try directory.file("victim", Array("victim".utf8), mode: 0o604)
        try Self.take(taken, in: directory)
        let opened = try Directory(directory.root)
        let found = Self.kind { () throws(SignetError) in
            try opened.draft("new", for: "a", mode: 0o640, existing: existing).place()
        }
        #expect(found == expected)
        #expect(try String(contentsOfFile: victim, encoding: .utf8) == "victim")
        #expect(try Self.status(victim).st_mode & 0o7777 == 0o604)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.root).sorted()
        #expect(names == (found == nil || taken != .nothing ? ["a", "victim"] : ["victim"]))
        guard found == nil else { return }
        #expect(try Self.status("\(directory.root)/a").st_mode == S_IFREG | 0o640)
        #expect(try String(contentsOfFile: "\(directory.root)/a", encoding: .utf8) == "new")
    }

    @Test(arguments: [Directory.Existing.kept, .replaced])
    func modeAndContentAreCompleteBeforeTheName(existing: Directory.Existing) throws {
        let directory = try ScratchDirectory()
        let draft = try Directory(directory.root).draft("new", for: "a", mode: 0o640, existing: existing)
        #expect(!FileManager.default.fileExists(atPath: "\(directory.root)/a"))
        #expect((draft.draftName == nil) == (existing == .kept))
        if let name = draft.draftName {
            #expect(try Self.status("\(directory.root)/\(name)").st_mode == S_IFREG | 0o640)
        }
        try draft.place()
        #expect(try Self.status("\(directory.root)/a").st_mode == S_IFREG | 0o640)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.root) == ["a"])
    }

    @Test func unplacedDraftIsRemoved() throws {
        let directory = try ScratchDirectory()
        for existing in [Directory.Existing.kept, .replaced] {
            _ = try Directory(directory.root).draft("new", for: "a", mode: 0o640, existing: existing)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.root) == [])
    }

    @Test(arguments: ["a link", "another file", "a hard link", "nothing"])
    func swappedDraftIsNotPlaced(swap: String) throws {
        let directory = try ScratchDirectory()
        let victim = try directory.file("victim", Array("victim".utf8))
        let draft = try Directory(directory.root).draft("new", for: "a", mode: 0o600, existing: .replaced)
        let name = try #require(draft.draftName)
        let path = "\(directory.root)/\(name)"
        try FileManager.default.removeItem(atPath: path)
        switch swap {
        case "a link": try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: victim)
        case "another file": _ = try directory.file(name, [])
        case "a hard link": try FileManager.default.linkItem(atPath: victim, toPath: path)
        default: break
        }
        #expect(Self.kind { () throws(SignetError) in try draft.place() } == .changed)
        #expect(!FileManager.default.fileExists(atPath: "\(directory.root)/a"))
        // The file in its place belongs to another process and stays.
        #expect(FileManager.default.fileExists(atPath: path) == (swap != "nothing"))
        #expect(try String(contentsOfFile: victim, encoding: .utf8) == "victim")
    }

    // MARK: The folder

    @Test func swappedDirectoryStaysTheOpenedOne() throws {
        let directory = try ScratchDirectory()
        let (path, vault) = ("\(directory.root)/keys", "\(directory.root)/vault")
        let keys = try Directory.make(path)
        _ = try Directory.make(vault)
        let draft = try keys.draft("new", for: "a", mode: 0o600, existing: .replaced)
        try FileManager.default.moveItem(atPath: path, toPath: "\(directory.root)/moved")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: vault)
        try draft.place()
        try keys.draft("new", for: "b", mode: 0o600, existing: .kept).place()
        #expect(keys.contains("a") && keys.contains("b"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: vault) == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory.root)/moved").sorted() == ["a", "b"])
        keys.remove("a")
        keys.remove("b")
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory.root)/moved") == [])
    }

    @Test func onlyCreatedAndEmptyDirectoriesAreRemoved() throws {
        let directory = try ScratchDirectory()
        let there = try Directory.make("\(directory.root)/a")
        try Directory.make("\(directory.root)/a/b//./c/").removeIfMade()
        #expect(try FileManager.default.contentsOfDirectory(atPath: there.path) == [])
        let full = try Directory.make("\(directory.root)/a/b/c")
        #expect(try Self.status(full.path).st_mode & 0o077 == 0)
        try full.draft("", for: "file", mode: 0o600, existing: .kept).place()
        full.removeIfMade()
        try Directory.make("\(directory.root)/a").removeIfMade()
        #expect(FileManager.default.fileExists(atPath: "\(directory.root)/a/b/c/file"))
    }

    @Test(arguments: [
        ("", FileFault.notFound), ("file", .system), ("file/x", .system), ("lost", .notFound), ("loop", .system),
    ])
    func pathThatIsNotADirectoryIsNotOpened(name: String, expected: FileFault) throws {
        let directory = try ScratchDirectory()
        _ = try directory.file("file", [])
        for (link, target) in [("lost", "absent"), ("loop", "loop")] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(directory.root)/\(link)", withDestinationPath: target)
        }
        let path = name.isEmpty ? "" : "\(directory.root)/\(name)"
        #expect(Self.kind { () throws(SignetError) in _ = try Directory(path) } == expected)
        #expect(Self.kind { () throws(SignetError) in _ = try Directory.make(path) } == expected)
    }

    // MARK: Links of other users

    /// A link named `link` in a directory, with the owners of the link and of its target.
    struct LinkCase: CustomTestStringConvertible {
        let link: uid_t
        let target: uid_t
        let isFollowed: Bool
        var testDescription: String { "a link of \(link) to a file of \(target)" }
    }

    @Test(
        .enabled(if: geteuid() == 0),
        arguments: [
            LinkCase(link: 0, target: 0, isFollowed: true), LinkCase(link: 0, target: 65_534, isFollowed: true),
            LinkCase(link: 65_534, target: 65_534, isFollowed: true),
            LinkCase(link: 65_534, target: 0, isFollowed: false),
            LinkCase(link: 65_534, target: 65_533, isFollowed: false),
        ])
    func linkOfAnotherUserLeadsOnlyToThatUsersFiles(_ found: LinkCase) throws {
        let directory = try ScratchDirectory()
        let folder = "\(directory.root)/folder"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let file = try directory.file("folder/file", Array("old".utf8))
        for (link, target) in [("link", "folder"), ("file", "folder/file"), ("again", "link")] {
            let path = "\(directory.root)/\(link)"
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
            #expect(lchown(path, found.link, found.link) == 0)
        }
        #expect(chown(folder, found.target, found.target) == 0 && chown(file, found.target, found.target) == 0)
        let expected: FileFault? = found.isFollowed ? nil : .foreignLink
        for path in ["link", "again", "link/.", "./again/../link"] {
            #expect(
                Self.kind { () throws(SignetError) in _ = try Directory("\(directory.root)/\(path)") } == expected,
                "\(path)")
        }
        #expect(Self.kind { () throws(SignetError) in _ = try Directory.make("\(directory.root)/link/x") } == expected)
        #expect(
            Self.kind { () throws(SignetError) in
                try ReplaceableFile(reading: "\(directory.root)/file").replace(with: Array("new".utf8))
            } == expected)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == (found.isFollowed ? "new" : "old"))
        #expect(try Self.status(file).st_uid == found.target)
        #expect(FileManager.default.fileExists(atPath: "\(folder)/x") == found.isFollowed)
    }

    /// On some systems a user can make a hard link to root's link in a directory of their own.
    @Test(.enabled(if: geteuid() == 0)) func rootsLinkWithASecondNameIsNotTrusted() throws {
        let directory = try ScratchDirectory()
        let folder = "\(directory.root)/folder"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        #expect(chown(folder, 65_534, 65_534) == 0)
        try FileManager.default.createSymbolicLink(atPath: "\(directory.root)/link", withDestinationPath: "folder")
        #expect(linkat(AT_FDCWD, "\(directory.root)/link", AT_FDCWD, "\(directory.root)/second", 0) == 0)
        #expect(Self.kind { () throws(SignetError) in _ = try Directory("\(directory.root)/second") } == .foreignLink)
    }

    // MARK: Owners

    @Test(.enabled(if: geteuid() == 0)) func ownerIsSetBeforeTheName() throws {
        let directory = try ScratchDirectory()
        let model = try directory.file("model", [], mode: 0o440)
        #expect(chown(model, 12345, 23456) == 0)
        let draft = try Directory(directory.root).draft(
            "new", for: "a", mode: 0o640, owner: try FileInformation(ofFile: model), existing: .replaced)
        let name = try #require(draft.draftName)
        for name in [name, "a"] {
            if name == "a" { try draft.place() }
            let status = try Self.status("\(directory.root)/\(name)")
            #expect(status.st_uid == 12345 && status.st_gid == 23456 && status.st_mode & 0o7777 == 0o640)
        }
    }
}
