import SignetIdentity

/// What came of verifying audit files.
public struct AuditReport: Sendable, Equatable {
    /// Where a line stands in its chain, and in time.
    public struct Place: Sendable, Equatable {
        /// The line's number in its chain.
        public let sequence: Int64
        /// When it was signed, RFC 3339.
        public let time: String
    }

    /// One chain of the files.
    public struct Chain: Sendable, Equatable {
        /// Its id.
        public let id: String
        /// How many of its lines are sound.
        public let lines: Int64
        /// Its first line.
        public let first: Place
        /// Its last line.
        public let last: Place
        /// Its end.
        public let head: AuditHead
    }

    /// How many findings are kept; the others are counted.
    public static let keptFindings = 100

    /// How many lines there are, sound or not.
    public internal(set) var lines: Int64 = 0
    /// The chains, in the order of their first lines; as a rule one.
    public internal(set) var chains: [Chain] = []
    /// The first findings, warnings included.
    public internal(set) var findings: [AuditFinding] = []
    /// How many faults there are; warnings are none.
    public internal(set) var faultCount = 0
    /// Whether a head was given and is in its chain: then nothing before it was cut off.
    public internal(set) var provesHead = false

    /// Whether nothing was found but warnings.
    public var isWhole: Bool { faultCount == 0 }

    mutating func add(_ finding: AuditFinding) {
        if !finding.isWarning { faultCount += 1 }
        if findings.count < Self.keptFindings { findings.append(finding) }
    }
}
