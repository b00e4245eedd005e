import CMicroHTTPD

/// Where the parts of a header lie in the buffer they were read into.
///
/// The library's parser before 0.9.77.1 cuts strings at NUL, takes a bare LF for the end of a line, skips doubled spaces and glues
/// folded lines together, and shows none of it in its strings. But it works in place: in a proper header each part begins where the
/// one before it and its exact separator end, and the whole is as long as the library says. Only addresses are compared.
struct HeadGeometry {
    /// Whether the library needs it. Later versions trim values in place, and refuse by themselves what this finds.
    static let isNeeded = signet_mhd_has_lenient_parser()

    private let start: UInt
    private var next: UInt
    private(set) var isProper: Bool

    init(_ line: RequestLine, targetLength: Int) {
        start = UInt(bitPattern: line.method)
        let target = UInt(bitPattern: line.url)
        let version = UInt(bitPattern: line.version)
        isProper =
            target == start + UInt(line.method.bytes.count) + 1 && version == target + UInt(targetLength) + 1
        next = version + UInt(line.version.bytes.count) + 2
    }

    mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        if UInt(bitPattern: name.baseAddress) != next { isProper = false }
        next = UInt(bitPattern: value.baseAddress) + UInt(value.count) + 2
    }

    func isProper(wholeSize: Int) -> Bool {
        isProper && next + 2 == start + UInt(wholeSize)
    }
}
