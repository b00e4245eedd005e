import Foundation
import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

@testable import SignetGateway

@Suite struct StandardErrorLogTests {
    private func lines(_ pipe: Pipe) throws -> [String] {
        try pipe.fileHandleForWriting.close()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func aLineIsOneObject() throws {
        let pipe = Pipe()
        let log = StandardErrorLog(descriptor: pipe.fileHandleForWriting.fileDescriptor, capacity: 1 << 16)
        log.log(
            LogLine(
                .warning, "request",
                [
                    JSONMember("route", "uk\n\u{7F}\u{9B}\u{1B}é\u{2028}\u{202E}\u{200B}\u{E0041}\""),
                    JSONMember("status", 200),
                ]))
        #expect(log.flush(milliseconds: 60_000))
        let lines = try lines(pipe)
        #expect(lines.count == 1)
        let line = try JSONReader.value(lines[0].utf8)
        #expect(line.members?.map(\.name) == ["time", "level", "event", "route", "status"])
        #expect(line["level"] == "warning" && line["event"] == "request")
        #expect(line["route"]?.string == "uk\n\u{7F}\u{9B}\u{1B}é\u{2028}\u{202E}\u{200B}\u{E0041}\"")
        #expect(!lines[0].unicodeScalars.contains { $0.isInvisible })
        let time = try #require(line["time"]?.string)
        #expect(time.utf8.count == 24 && time.hasSuffix("Z") && time.utf8.dropFirst(19).first == UInt8(ascii: "."))
        #expect(NumericDate(rfc3339: "\(time.prefix(19))Z") != nil)
    }

    @Test func linesOfManyThreadsAreWhole() throws {
        let directory = try ScratchDirectory()
        try directory.write("", to: "log")
        let file = try FileHandle(forWritingTo: directory.url.appending(path: "log"))
        let log = StandardErrorLog(descriptor: file.fileDescriptor, capacity: 1 << 24)
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for number in 0..<500 {
                log.log(
                    LogLine(
                        .info, "request",
                        [
                            JSONMember("thread", .number(JSONNumber(thread))),
                            JSONMember("number", .number(JSONNumber(number))),
                        ]))
            }
        }
        #expect(log.flush(milliseconds: 60_000))
        let lines = try directory.text("log").split(separator: "\n").map { try JSONReader.value($0.utf8) }
        #expect(lines.count == 4000)
        for thread in 0..<8 {
            #expect(
                lines.filter { $0["thread"]?.integer == Int64(thread) }.compactMap { $0["number"]?.integer }
                    == Array(0..<500))
        }
    }

    /// Nobody reads: the caller goes on, and learns later how many lines were dropped.
    @Test func aFullLogDropsLinesAndTells() throws {
        let pipe = Pipe()
        let inlet = pipe.fileHandleForWriting.fileDescriptor
        // The pipe is full from the start, or the log's thread could write everything that it keeps.
        let flags = fcntl(inlet, F_GETFL)
        _ = fcntl(inlet, F_SETFL, flags | O_NONBLOCK)
        while write(inlet, "\n", 1) == 1 {}
        _ = fcntl(inlet, F_SETFL, flags)
        let log = StandardErrorLog(descriptor: inlet, capacity: 10_000)
        let text = JSONValue.string(String(repeating: "x", count: 1000))
        for _ in 0..<500 { log.log(LogLine(.info, "long", [JSONMember("text", text)])) }
        #expect(!log.flush(milliseconds: 1))
        let collected = Lock(Data())
        let handle = pipe.fileHandleForReading
        let ended = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            while case let data = handle.availableData, !data.isEmpty { collected.withLock { $0 += data } }
            ended.signal()
        }
        #expect(log.flush(milliseconds: 60_000))
        log.log(LogLine(.info, "last"))
        #expect(log.flush(milliseconds: 60_000))
        try pipe.fileHandleForWriting.close()
        #expect(ended.wait(timeout: .now() + 60) == .success)
        let lines = try collected.withLock { $0 }.split(separator: 0x0A).map { try JSONReader.value($0) }
        let kept = lines.count { $0["event"] == "long" }
        let dropped = lines.filter { $0["event"] == "log-dropped" }.compactMap { $0["lines"]?.integer }.reduce(0, +)
        #expect(kept < 500 && Int64(kept) + dropped == 500)
        #expect(lines.last?["event"] == "last")
    }

    @Test func aReaderThatHasGoneIsNoCrash() throws {
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        let log = StandardErrorLog(descriptor: pipe.fileHandleForWriting.fileDescriptor, capacity: 1 << 16)
        for _ in 0..<100 { log.log(LogLine(.info, "request")) }
        #expect(log.flush(milliseconds: 60_000))
    }

    @Test func whatWaitsIsWrittenBeforeTheThreadEnds() throws {
        let pipe = Pipe()
        do {
            let log = StandardErrorLog(descriptor: pipe.fileHandleForWriting.fileDescriptor, capacity: 1 << 16)
            log.log(LogLine(.info, "only"))
        }
        let data = pipe.fileHandleForReading.availableData
        #expect(String(decoding: data, as: UTF8.self).contains("\"only\""))
    }
}
