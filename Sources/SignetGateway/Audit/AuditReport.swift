import SignetIdentity

/// What came of verifying audit files.
package struct AuditReport: Sendable, Equatable {
    /// Where a line stands in its chain, and in time.
    package struct Place: Sendable, Equatable {
        /// The line's number in its chain.
        package let sequence: Int64
        /// When it was signed, RFC 3339.
        package let time: String
    }

    /// One chain of the files.
    package struct Chain: Sendable, Equatable {
        /// Its id.
        package let id: String
        /// How many of its lines are sound.
        package let lines: Int64
        /// Its first line.
        package let first: Place
        /// Its last line.
        package let last: Place
        /// Its end.
        package let head: AuditHead
    }

    /// How many findings are kept; the others are counted.
    package static let keptFindings = 100

    /// How many lines there are, sound or not.
    package internal(set) var lines: Int64 = 0
    /// The chains, in the order of their first lines; as a rule one.
    package internal(set) var chains: [Chain] = []
    /// The first findings, warnings included.
    package internal(set) var findings: [AuditFinding] = []
    /// How many faults there are; warnings are none.
    package internal(set) var faultCount = 0
    /// Whether a head was given and is in its chain: then nothing before it was cut off.
    package internal(set) var provesHead = false

    /// Whether nothing was found but warnings.
    package var isWhole: Bool { faultCount == 0 }

    mutating func add(_ finding: AuditFinding) {
        if !finding.isWarning { faultCount += 1 }
        if findings.count < Self.keptFindings { findings.append(finding) }
    }
}

/// Something that a verification found, and where.
package struct AuditFinding: Sendable, Equatable, CustomStringConvertible {
    /// What it is. The raw values are stable.
    package enum Kind: String, Sendable, CaseIterable {
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
    package let kind: Kind
    /// The file, as it was named.
    package let file: String
    /// The line, counted from 1; nil for what is about no line.
    package let line: Int?
    /// What was found, in one sentence.
    package let message: String

    /// Whether the chain can be whole in spite of it.
    package var isWarning: Bool { [.beginsLater, .refused, .anotherChain].contains(kind) }

    /// `audit.jsonl:7: …`.
    package var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(message)" }
}
