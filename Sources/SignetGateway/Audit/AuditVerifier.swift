import SignetJOSE

/// Verifies audit files, in the order in which they were written.
///
/// Memory stays flat: the files are read once, from front to back.
public struct AuditVerifier {
    /// Where a chain has to go on.
    private struct Expectation {
        var sequence: Int64
        var previous: [UInt8]
    }

    private let key: HS256Key
    private var missingHeads: [AuditHead]
    private var expectations: [[UInt8]: Expectation] = [:]
    private var scratch: [UInt8] = []
    private var report = AuditReport()
    /// Lines since the last sound one that are not sound themselves: each may be the one that a number lacks.
    private var unsoundLines: Int64 = 0
    private var lastFile = ""

    /// Makes a verifier.
    ///
    /// - Parameter heads: Heads as they were logged, which have to be in the chains.
    public init(key: HS256Key, heads: [AuditHead] = []) {
        self.key = key
        missingHeads = heads
    }

    /// Verifies the next file; `-` is standard input.
    public mutating func verify(file: String) throws(FileError) {
        var reader = try AuditLineReader(path: file)
        let name = file == "-" ? "standard input" : file
        var number = 0
        lastFile = name
        try reader.forEach { line, ending in
            number += 1
            report.lines += 1
            guard ending == .lineEnd else {
                return add(
                    .cutOff, name, number,
                    "the last line has no end: it was cut off, or a crash left it, and then it was never answered")
            }
            verify(line, name, number)
        }
    }

    /// What was found in all files.
    public consuming func finish() -> AuditReport {
        for head in missingHeads {
            let ends = report.chains.map(\.last.sequence).max() ?? 0
            let place =
                ends < head.sequence
                ? "the lines end at \(ends), and line \(head.sequence) was written: the end is cut off"
                : "line \(head.sequence) with this MAC is not in the files"
            report.add(AuditFinding(kind: .headMissing, file: lastFile, line: nil, message: place))
        }
        return report
    }

    // MARK: One line

    private mutating func verify(_ line: UnsafeRawBufferPointer, _ file: String, _ number: Int) {
        guard let parts = AuditLine(line) else {
            unsoundLines += 1
            return add(.changed, file, number, "this has not the form of an audit line")
        }
        guard parts.isAuthentic(line, key: key, scratch: &scratch) else {
            unsoundLines += 1
            return add(.changed, file, number, "the line was changed, or written with another key")
        }
        let chain = Array(line[parts.chain])
        guard let expected = expectations[chain] else {
            return begin(chain, parts, line, file, number)
        }
        guard parts.sequence >= expected.sequence else {
            return add(
                .outOfOrder, file, number,
                "line \(parts.sequence) of the chain stands behind line \(expected.sequence - 1): moved, or there twice"
            )
        }
        let gap = parts.sequence - expected.sequence
        if gap > unsoundLines {
            let range =
                gap == 1 ? "line \(expected.sequence) is" : "lines \(expected.sequence) to \(parts.sequence - 1) are"
            add(.missing, file, number, "\(range) missing before this one")
        } else if gap == 0, !line[parts.previous].elementsEqual(expected.previous) {
            add(.forked, file, number, "it follows another line \(parts.sequence - 1) than the one before it")
        }
        accept(chain, parts, line)
    }

    private mutating func begin(
        _ chain: [UInt8], _ parts: AuditLine, _ line: UnsafeRawBufferPointer, _ file: String, _ number: Int
    ) {
        if !report.chains.isEmpty {
            add(
                .anotherChain, file, number,
                "another chain begins here; where the one before it ended is not proved by it")
        }
        if parts.sequence > 1 && parts.sequence - 1 > unsoundLines {
            add(
                .beginsLater, file, number,
                "the chain begins with line \(parts.sequence); the lines before it were not given")
        }
        let place = AuditReport.Place(
            sequence: parts.sequence, time: String(decoding: line[parts.time], as: UTF8.self))
        let id = String(decoding: chain, as: UTF8.self)
        report.chains.append(
            AuditReport.Chain(
                id: id, lines: 0, first: place, last: place, head: AuditHead(chain: id, sequence: 0, mac: "")))
        accept(chain, parts, line)
    }

    /// Goes on from a sound line.
    private mutating func accept(_ chain: [UInt8], _ parts: AuditLine, _ line: UnsafeRawBufferPointer) {
        unsoundLines = 0
        let mac = Array(line[parts.mac])
        expectations[chain] = Expectation(sequence: parts.sequence + 1, previous: mac)
        let id = String(decoding: chain, as: UTF8.self)
        guard let index = report.chains.firstIndex(where: { $0.id == id }) else { return }
        let text = String(decoding: mac, as: UTF8.self)
        report.chains[index].lines += 1
        report.chains[index].last = AuditReport.Place(
            sequence: parts.sequence, time: String(decoding: line[parts.time], as: UTF8.self))
        report.chains[index].head = AuditHead(chain: id, sequence: parts.sequence, mac: text)
        if !missingHeads.isEmpty {
            let count = missingHeads.count
            missingHeads.removeAll { $0.sequence == parts.sequence && $0.mac == text }
            if missingHeads.count < count { report.provesHead = true }
        }
    }

    private mutating func add(_ kind: AuditFinding.Kind, _ file: String, _ line: Int, _ message: String) {
        report.add(AuditFinding(kind: kind, file: file, line: line, message: message))
    }
}
