import Foundation
import SignetTestSupport
import Testing

@testable import SignetJOSE
@testable import SignetSystem

@Suite struct ReplaceableFileTests {
    private static func text(_ path: String) throws -> String {
        String(decoding: try FileReading.bytes(atPath: path), as: UTF8.self)
    }

    @Test func fileIsReplaced() throws {
        let directory = try ScratchDirectory()
        let path = try directory.file("a.json", Array("old".utf8))
        let file = try ReplaceableFile(reading: path)
        #expect(file.bytes == Array("old".utf8))
        try file.replace(with: Array("new".utf8))
        #expect(try Self.text(path) == "new")
    }

    @Test func fileChangedMeanwhileIsNotReplaced() throws {
        let directory = try ScratchDirectory()
        let path = try directory.file("a.json", Array("old".utf8))
        let file = try ReplaceableFile(reading: path)
        _ = try directory.file("a.json", Array("own".utf8))
        #expect { try file.replace(with: Array("new".utf8)) } throws: {
            ($0 as? SignetError)?.isFault(FileFault.changed) == true
        }
        #expect(try Self.text(path) == "own")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.root) == ["a.json"])
    }

    @Test func linkChangedMeanwhileIsNotFollowed() throws {
        let directory = try ScratchDirectory()
        let (first, second) = (try directory.file("1", Array("old".utf8)), try directory.file("2", Array("old".utf8)))
        let path = "\(directory.root)/a.json"
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: first)
        let file = try ReplaceableFile(reading: path)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: second)
        #expect { try file.replace(with: Array("new".utf8)) } throws: {
            ($0 as? SignetError)?.isFault(FileFault.changed) == true
        }
        #expect(try Self.text(first) == "old")
        #expect(try Self.text(second) == "old")
    }

    @Test func missingPathAndDirectoryAreRefused() throws {
        let directory = try ScratchDirectory()
        #expect { _ = try ReplaceableFile(reading: "\(directory.root)/a") } throws: {
            ($0 as? SignetError)?.isFault(FileFault.notFound) == true
        }
        #expect { _ = try ReplaceableFile(reading: "/dev/null") } throws: {
            ($0 as? SignetError)?.isFault(FileFault.system) == true
        }
        let file = try ReplaceableFile(reading: try directory.file("b", Array("old".utf8)))
        try FileManager.default.removeItem(atPath: "\(directory.root)/b")
        #expect { try file.replace(with: []) } throws: { ($0 as? SignetError)?.isFault(FileFault.notFound) == true }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.root) == [])
    }
}
