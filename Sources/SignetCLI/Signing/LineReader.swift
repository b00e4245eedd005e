import SignetJOSE
import SignetSystem

/// Reads lines as they arrive: each call returns the lines that one read completed.
final class LineReader {
    /// The longest line, in bytes. A longer one is skipped to its end and reported.
    static let maximumLength = 64 * 1024
    /// The error for a longer one.
    static let (tooLongCode, tooLongReason) = ("line-too-long", "the line is longer than \(maximumLength) bytes")

    /// One line without its end.
    enum Line: Sendable {
        case text([UInt8])
        case tooLong
    }

    private let input: InputFile
    private var chunk = [UInt8](repeating: 0, count: 1 << 20)
    private var rest: [UInt8] = []
    private var isSkipping = false
    private var isAtEnd = false
    private var bytesRead: Int64 = 0
    /// Lines that the first reads completed.
    private var first: [Line] = []
    /// The start of the input: the first line and what was read with it, at most 1 KiB.
    private(set) var start: [UInt8] = []
    private static let startLength = 1024

    init(path: String) throws(SignetError) {
        input = try InputFile(path: path)
        var count = 0
        // A pipe may deliver the first line in pieces.
        repeat {
            count = try input.read(into: &chunk)
            start += chunk[..<min(count, Self.startLength - start.count)]
            finish(count, into: &first)
        } while count > 0 && start.count < Self.startLength && !start.contains(UInt8(ascii: "\n"))
    }

    /// How much of the input has been read, in percent; nil if its size is not known.
    var share: Int? {
        guard let size = input.size, size > 0 else { return nil }
        return Int(min(size, bytesRead) * 100 / size)
    }

    /// The next lines, at least one; nil at the end.
    func next() throws(SignetError) -> [Line]? {
        var lines = first
        first = []
        while lines.isEmpty && !isAtEnd {
            finish(try input.read(into: &chunk), into: &lines)
        }
        return lines.isEmpty ? nil : lines
    }

    /// Takes the bytes of one read. No bytes are the end of the input.
    private func finish(_ count: Int, into lines: inout [Line]) {
        bytesRead += Int64(count)
        guard count == 0 else { return take(chunk[..<count], into: &lines) }
        isAtEnd = true
        if isSkipping || !rest.isEmpty { finishLine(&lines) }
    }

    private func take(_ bytes: ArraySlice<UInt8>, into lines: inout [Line]) {
        var bytes = bytes
        while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
            append(bytes[..<end])
            finishLine(&lines)
            bytes = bytes[(end + 1)...]
        }
        append(bytes)
    }

    private func append(_ bytes: ArraySlice<UInt8>) {
        guard !isSkipping else { return }
        rest += bytes
        if rest.count > Self.maximumLength {
            isSkipping = true
            rest = []
        }
    }

    private func finishLine(_ lines: inout [Line]) {
        lines.append(isSkipping ? .tooLong : .text(rest))
        rest = []
        isSkipping = false
    }
}
