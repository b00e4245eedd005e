/// Something that a verification found, and where.
public struct AuditFinding: Sendable, Equatable, CustomStringConvertible {
    /// What it is. The raw values are stable.
    public enum Kind: String, Sendable, CaseIterable {
        /// The bytes of a line are not those that were written with this key.
        case changed
        /// Lines that were written are not there.
        case missing
        /// A line stands where lines of a higher number went before: moved, or there twice.
        case outOfOrder = "out-of-order"
        /// A line's number fits, and it follows another line than the one before it.
        case forked
        /// The last line has no end.
        case cutOff = "cut-off"
        /// A head that was known beforehand is not in the chain.
        case headMissing = "head-missing"
        /// A warning: the chain begins in a file that was not given.
        case beginsLater = "begins-later"
        /// A warning: the disk did not confirm some lines, so what they are about was never handed out. They may stand in the file or not.
        case refused
        /// A warning: another chain begins.
        case anotherChain = "another-chain"
    }

    /// What it is.
    public let kind: Kind
    /// The file, as it was named.
    public let file: String
    /// The line, counted from 1; nil for what is about no line.
    public let line: Int?
    /// What was found, in one sentence.
    public let message: String

    /// Whether the chain can be whole in spite of it.
    public var isWarning: Bool { [.beginsLater, .refused, .anotherChain].contains(kind) }

    /// `audit.jsonl:7: …`.
    public var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(message)" }
}
