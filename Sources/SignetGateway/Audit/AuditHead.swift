import SignetJOSE
import SignetSystem

/// The end of a chain at some moment. A copy kept elsewhere proves that nothing before it was cut off.
public struct AuditHead: Sendable, Equatable, CustomStringConvertible {
    /// The chain's id, where it is known.
    public let chain: String?
    /// The number of the last line.
    public let sequence: Int64
    /// The last line's MAC, 64 lower-case hexadecimal digits.
    public let mac: String

    /// Makes a head.
    public init(chain: String?, sequence: Int64, mac: String) {
        self.chain = chain
        self.sequence = sequence
        self.mac = mac
    }

    /// Reads `SEQ:MAC`, as ``description`` writes it.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.allSatisfy(AuditLine.isDigit), parts[1].utf8.count == AuditLine.macDigits,
            parts[1].utf8.allSatisfy(AuditLine.isHexadecimal), let sequence = Int64(parts[0]), sequence > 0
        else { return nil }
        self.init(chain: nil, sequence: sequence, mac: String(parts[1]))
    }

    /// `SEQ:MAC`.
    public var description: String { "\(sequence):\(mac)" }
}

/// What an existing file ends with: the line whose chain goes on, and perhaps a line that was never finished.
struct AuditTail {
    /// The chain's end; nil in a file without a line.
    let head: AuditHead?
    /// Where the last whole line ends.
    let end: Int64
    /// How many bytes stand behind it.
    let torn: Int

    init(of descriptor: AuditDescriptor, path: String, key: HS256Key) throws(SignetError) {
        let (start, bytes) = try descriptor.lastBytes(limit: 2 * (AuditLine.maximumLength + 1))
        let lineEnd = UInt8(ascii: "\n")
        let last = bytes.lastIndex(of: lineEnd)
        let rest = bytes[(last.map { $0 + 1 } ?? 0)...]
        guard rest.count <= AuditLine.maximumLength, Self.isTornLine(rest), last != nil || start == 0 else {
            throw SignetError(
                audit:
                    "\(path) does not end with an audit line, so it was not changed",
                hint: "name another file, or move this one away")
        }
        torn = rest.count
        guard let last else {
            head = nil
            end = 0
            return
        }
        end = start + Int64(last) + 1
        let first = bytes[..<last].lastIndex(of: lineEnd).map { $0 + 1 } ?? 0
        var scratch: [UInt8] = []
        let found = bytes[first..<last].withUnsafeBytes { line -> AuditHead? in
            guard let parts = AuditLine(line), parts.isAuthentic(line, key: key, scratch: &scratch) else { return nil }
            return AuditHead(
                chain: String(decoding: line[parts.chain], as: UTF8.self), sequence: parts.sequence,
                mac: String(decoding: line[parts.mac], as: UTF8.self))
        }
        guard let found else {
            throw SignetError(
                audit:
                    "the MAC of the last line of \(path) does not match this digest key",
                hint: "the key is wrong or the file was changed: run signet audit verify \(path); "
                    + "to begin a new chain, move the file away")
        }
        head = found
    }

    /// Whether these bytes can be what a crash left of a line: its beginning, or a block that never got its contents.
    /// Any other file is not cut.
    private static func isTornLine(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { $0 == 0 } || zip(bytes, AuditLine.start).allSatisfy { $0 == $1 }
    }
}
