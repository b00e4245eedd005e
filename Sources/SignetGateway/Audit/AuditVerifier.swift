import SignetJOSE
import SignetSystem

/// Verifies audit files, in the order in which they were written.
///
/// Memory stays flat: the files are read once, from front to back.
package struct AuditVerifier {
    private let key: HS256Key
    private var missingHeads: [AuditHead]
    private var chains: [AuditChain] = []
    /// The chain of the line before, which as a rule is the next line's as well.
    private var current = 0
    private var scratch: [UInt8] = []
    private var report = AuditReport()
    /// Lines since the last sound one that are not sound themselves: each may be the one that a number lacks.
    private var unsoundLines: Int64 = 0
    private var splitter = AuditLineSplitter()
    /// Where the line stands that is being verified.
    private var file = ""
    private var number = 0

    /// Makes a verifier.
    ///
    /// - Parameter heads: Heads as they were logged, which have to be in the chains.
    package init(key: HS256Key, heads: [AuditHead] = []) {
        self.key = key
        missingHeads = heads
    }

    /// Verifies the next file; `-` is standard input.
    package mutating func verify(file: String) throws(SignetError) {
        let input = try InputFile(path: file)
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        begin(file: file == "-" ? "standard input" : file)
        while true {
            let count = try input.read(into: &chunk)
            guard count > 0 else { break }
            chunk.withUnsafeBytes { take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        endFile()
    }

    /// Verifies the next file, which is in memory.
    mutating func verify(_ bytes: [UInt8], named file: String) {
        begin(file: file)
        bytes.withUnsafeBytes { take($0) }
        endFile()
    }

    private mutating func begin(file: String) {
        self.file = file
        number = 0
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer) {
        // Lent out, so that its lines can be taken by the rest of the verifier.
        var splitter = AuditLineSplitter()
        swap(&splitter, &self.splitter)
        splitter.take(bytes) { line, ending in verify(line, ending) }
        swap(&splitter, &self.splitter)
    }

    private mutating func endFile() {
        var splitter = AuditLineSplitter()
        swap(&splitter, &self.splitter)
        splitter.finish { line, ending in verify(line, ending) }
    }

    /// What was found in all files.
    package consuming func finish() -> AuditReport {
        report.chains = chains.map(\.report)
        let ends = chains.map(\.sequence).max() ?? 0
        for head in missingHeads {
            let place =
                ends < head.sequence
                ? "the lines end at \(ends), and line \(head.sequence) was written: the end is cut off"
                : "line \(head.sequence) with this MAC is not in the files"
            report.add(AuditFinding(kind: .headMissing, file: file, line: nil, message: place))
        }
        return report
    }

    // MARK: One line

    private mutating func verify(_ line: UnsafeRawBufferPointer, _ ending: AuditLineSplitter.Ending) {
        number += 1
        report.lines += 1
        guard ending == .lineEnd else {
            return add(
                .cutOff,
                "the last line is incomplete: it was cut off, or left by a crash before the request was answered")
        }
        guard let parts = AuditLine(line) else {
            unsoundLines += 1
            return add(.changed, "this is not an audit line")
        }
        guard parts.isAuthentic(line, key: key, scratch: &scratch) else {
            unsoundLines += 1
            return add(.changed, "the line was changed, or written with another key")
        }
        let start = parts.chain.lowerBound
        if !chains.indices.contains(current) || !AuditLine.equal(chains[current].id, line, from: start) {
            guard let known = chains.firstIndex(where: { AuditLine.equal($0.id, line, from: start) }) else {
                return begin(parts, line)
            }
            current = known
        }
        let expected = chains[current].sequence + 1
        guard parts.sequence >= expected else {
            return add(
                .outOfOrder,
                "line \(parts.sequence) of the chain comes after line \(expected - 1): it was moved or occurs twice")
        }
        let gap = parts.sequence - expected
        let refused = parts.refused(line)
        if let refused { add(refused) }
        if gap > unsoundLines, refused.map({ expected < $0.lowerBound }) ?? true {
            let range = gap == 1 ? "line \(expected) is" : "lines \(expected) to \(parts.sequence - 1) are"
            add(.missing, "\(range) missing before this one")
        } else if gap == 0, !AuditLine.equal(chains[current].mac, line, from: parts.previous.lowerBound) {
            add(.forked, "its \"previous\" is not the MAC of line \(parts.sequence - 1), the line before it")
        }
        accept(parts, line)
    }

    private mutating func begin(
        _ parts: AuditLine, _ line: UnsafeRawBufferPointer
    ) {
        if !chains.isEmpty {
            add(
                .anotherChain,
                "another chain begins here; it does not prove where the chain before it ended")
        }
        if parts.sequence > 1 && parts.sequence - 1 > unsoundLines {
            add(
                .beginsLater,
                "the chain begins with line \(parts.sequence); the lines before it were not given")
        }
        if let refused = parts.refused(line) { add(refused) }
        current = chains.count
        chains.append(AuditChain(beginningWith: parts, line))
        accept(parts, line)
    }

    /// Goes on from a sound line.
    private mutating func accept(_ parts: AuditLine, _ line: UnsafeRawBufferPointer) {
        unsoundLines = 0
        chains[current].advance(to: parts, line)
        guard !missingHeads.isEmpty else { return }
        let count = missingHeads.count
        missingHeads.removeAll { head in
            head.sequence == parts.sequence && AuditLine.equal(Array(head.mac.utf8), line, from: parts.mac.lowerBound)
        }
        if missingHeads.count < count { report.provesHead = true }
    }

    private mutating func add(_ refused: ClosedRange<Int64>) {
        let lines =
            refused.count == 1
            ? "line \(refused.lowerBound)" : "lines \(refused.lowerBound) to \(refused.upperBound)"
        add(.refused, "the disk did not confirm \(lines), so these signed identities were not handed out")
    }

    private mutating func add(_ kind: AuditFinding.Kind, _ message: String) {
        report.add(AuditFinding(kind: kind, file: file, line: number, message: message))
    }
}

/// How far a verification has come in one chain. Bytes are written over and over again: there are millions of lines.
struct AuditChain {
    let id: [UInt8]
    /// The number of the last sound line.
    private(set) var sequence: Int64
    /// Its MAC.
    private(set) var mac: [UInt8]
    private var time: [UInt8]
    private var lines: Int64 = 0
    private let first: AuditReport.Place

    /// A chain that is met for the first time; the line itself is still to be taken.
    init(beginningWith parts: AuditLine, _ line: UnsafeRawBufferPointer) {
        id = Array(line[parts.chain])
        sequence = parts.sequence
        mac = Array(line[parts.mac])
        time = Array(line[parts.time])
        first = AuditReport.Place(sequence: parts.sequence, time: String(decoding: time, as: UTF8.self))
    }

    mutating func advance(to parts: AuditLine, _ line: UnsafeRawBufferPointer) {
        lines += 1
        sequence = parts.sequence
        mac.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: line[parts.mac])) }
        time.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: line[parts.time])) }
    }

    var report: AuditReport.Chain {
        let id = String(decoding: id, as: UTF8.self)
        return AuditReport.Chain(
            id: id, lines: lines, first: first,
            last: AuditReport.Place(sequence: sequence, time: String(decoding: time, as: UTF8.self)),
            head: AuditHead(chain: id, sequence: sequence, mac: String(decoding: mac, as: UTF8.self)))
    }
}

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
