import SignetJOSE

/// The end of a chain at some moment: who has it from elsewhere can prove that nothing was cut off before it.
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
