import SignetJOSE
import SignetSystem

/// Makes lines of the pieces in which a file is read, in memory that does not grow with the file.
struct AuditLineSplitter {
    private var rest: [UInt8] = []

    /// How a line ends.
    enum Ending {
        case lineEnd
        case endOfFile
    }

    /// Calls `body` with each line that ends in this piece. Of a line longer than any that is written, only the
    /// beginning is handed out.
    mutating func take(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, Ending) -> Void) {
        guard let base = bytes.baseAddress else { return }
        var start = 0
        while let end = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start) {
            let line = UnsafeRawBufferPointer(start: base + start, count: UnsafeRawPointer(end) - (base + start))
            if rest.isEmpty {
                body(line, .lineEnd)
            } else {
                keep(line)
                rest.withUnsafeBytes { body($0, .lineEnd) }
                rest.removeAll(keepingCapacity: true)
            }
            start += line.count + 1
        }
        keep(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    }

    /// Calls `body` with what stands behind the last line end.
    mutating func finish(_ body: (UnsafeRawBufferPointer, Ending) -> Void) {
        if !rest.isEmpty { rest.withUnsafeBytes { body($0, .endOfFile) } }
        rest = []
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        // One byte over the limit is enough to be too long.
        rest.append(contentsOf: bytes.prefix(max(0, AuditLine.maximumLength + 1 - rest.count)))
    }
}
