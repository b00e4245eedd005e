import Foundation
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

/// Noticing that a file has changed.
@Suite struct FileInformationTests {
    /// Like `touch -r` and rsync: writes the content, then restores the old time.
    private static func write(_ text: String, to path: String, modified: Int) {
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        #expect(pwrite(descriptor, text, text.utf8.count, 0) == text.utf8.count)
        let time = timespec(tv_sec: modified, tv_nsec: 0)
        #expect(futimens(descriptor, [time, time]) == 0)
    }

    @Test func changeThatKeepsSizeAndTimeIsNoticed() throws {
        let directory = try ScratchDirectory()
        let path = "\(directory.root)/file"
        Self.write("one", to: path, modified: 1_000_000_000)
        let before = try #require(FileInformation(following: path))
        #expect(FileInformation(following: path) == before)
        // File times have a resolution of some milliseconds.
        let end = ContinuousClock().now + .seconds(60)
        repeat {
            Self.write("two", to: path, modified: 1_000_000_000)
        } while FileInformation(following: path) == before && ContinuousClock().now < end
        #expect(FileInformation(following: path) != before)
    }

    @Test func everyOtherChangeIsNoticed() throws {
        let directory = try ScratchDirectory()
        let path = "\(directory.root)/file"
        Self.write("one", to: path, modified: 1_000_000_000)
        let first = try #require(FileInformation(following: path))
        Self.write("three", to: path, modified: 1_000_000_000)
        let longer = try #require(FileInformation(following: path))
        Self.write("three", to: path, modified: 1_000_000_001)
        let later = try #require(FileInformation(following: path))
        Self.write("three", to: "\(directory.root)/other", modified: 1_000_000_001)
        #expect(rename("\(directory.root)/other", path) == 0)
        let other = try #require(FileInformation(following: path))
        #expect(first != longer && longer != later && later != other)
        #expect(unlink(path) == 0)
        #expect(FileInformation(following: path) == nil)
    }
}
