import SignetJOSE

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
