import SignetJOSE

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Hands out the lines of a file one after the other, in memory that does not grow with the file.
struct AuditLineReader {
    private let input: InputFile
    private var chunk = [UInt8](repeating: 0, count: 1 << 18)
    private var rest: [UInt8] = []

    init(path: String) throws(FileError) {
        input = try InputFile(path: path)
    }

    /// How a line ends.
    enum Ending {
        case lineEnd
        case endOfFile
    }

    /// Calls `body` with each line. Of a line longer than any that is written, only the beginning is handed out.
    mutating func forEach(_ body: (UnsafeRawBufferPointer, Ending) -> Void) throws(FileError) {
        while true {
            let count = try input.read(into: &chunk)
            guard count > 0 else { break }
            chunk.withUnsafeBytes { bytes in
                take(UnsafeRawBufferPointer(rebasing: bytes[..<count]), body)
            }
        }
        if !rest.isEmpty { rest.withUnsafeBytes { body($0, .endOfFile) } }
        rest = []
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, Ending) -> Void) {
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

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        // One byte over the limit is enough to be too long.
        rest.append(contentsOf: bytes.prefix(max(0, AuditLine.maximumLength + 1 - rest.count)))
    }
}
