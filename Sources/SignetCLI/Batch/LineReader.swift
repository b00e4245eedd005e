import SignetJOSE

/// Reads lines as they come: each call returns the whole lines that one read completed.
final class LineReader {
    /// The longest line, in bytes; a longer one is skipped to its end and told.
    static let maximumLength = 64 * 1024
    /// What is said of a longer one.
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

    init(path: String) throws(FileError) {
        input = try InputFile(path: path)
    }

    /// The next lines, at least one; nil at the end.
    func next() throws(FileError) -> [Line]? {
        var lines: [Line] = []
        while lines.isEmpty && !isAtEnd {
            let count = try input.read(into: &chunk)
            if count == 0 {
                isAtEnd = true
                if isSkipping || !rest.isEmpty { finishLine(&lines) }
            } else {
                take(chunk[..<count], into: &lines)
            }
        }
        return lines.isEmpty ? nil : lines
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
