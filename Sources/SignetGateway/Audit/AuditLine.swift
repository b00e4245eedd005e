import SignetJOSE
import SignetSystem

/// The form of one line, found by the places of its parts: what the MAC covers are bytes, and no reading of JSON stands
/// between them and it.
///
/// ```
/// {"v":1,"chain":"<32 hex>","seq":N,"time":"<RFC 3339>", … ,"previous":"<64 hex>","mac":"<64 hex>"}
/// ```
struct AuditLine {
    /// What the MAC begins with, so that no other use of the digest key makes a line's MAC.
    static let domain = Array("signet-audit-v1\n".utf8)
    static let start = Array(#"{"v":1,"chain":""#.utf8)
    static let sequenceName = Array(#"","seq":"#.utf8)
    static let timeName = Array(#","time":""#.utf8)
    static let previousName = Array(#","previous":""#.utf8)
    static let macName = Array(#"","mac":""#.utf8)
    static let end = Array(#""}"#.utf8)

    static let chainDigits = 32
    static let macDigits = 64
    static let timeLength = 20
    /// The longest line, without its end. What a line is made of has limits of its own, far below this.
    static let maximumLength = 64 * 1024
    /// The longest members of an entry: a line with the longest of everything else is not too long.
    static let maximumMembersLength = maximumLength - 512
    /// What stands for the MAC before the first line.
    static let noPrevious = [UInt8](repeating: UInt8(ascii: "0"), count: macDigits)

    let chain: Range<Int>
    let sequence: Int64
    let time: Range<Int>
    let previous: Range<Int>
    let mac: Range<Int>
    /// How many bytes from the start the MAC covers: all before `,"mac"`.
    let covered: Int

    /// Finds the parts of a line without its end, or nil where it has not the form.
    init?(_ line: UnsafeRawBufferPointer) {
        // From the back first: these parts have fixed lengths.
        let macEnd = line.count - Self.end.count
        let macStart = macEnd - Self.macDigits
        let previousEnd = macStart - Self.macName.count
        let previousStart = previousEnd - Self.macDigits
        let tail = previousStart - Self.previousName.count
        let chainEnd = Self.start.count + Self.chainDigits
        guard tail > chainEnd, Self.has(Self.start, at: 0, line), Self.has(Self.sequenceName, at: chainEnd, line),
            Self.has(Self.previousName, at: tail, line), Self.has(Self.macName, at: previousEnd, line),
            Self.has(Self.end, at: macEnd, line)
        else { return nil }
        chain = Self.start.count..<chainEnd
        previous = previousStart..<previousEnd
        mac = macStart..<macEnd
        covered = previousEnd + 1

        var index = chainEnd + Self.sequenceName.count
        let first = index
        var number: Int64 = 0
        while index < tail, Self.isDigit(line[index]) {
            let (product, overflows) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = product.addingReportingOverflow(Int64(line[index] - UInt8(ascii: "0")))
            if overflows || overflowsToo { return nil }
            number = sum
            index += 1
        }
        let timeStart = index + Self.timeName.count
        guard index > first, number > 0, Self.has(Self.timeName, at: index, line), timeStart + Self.timeLength < tail
        else { return nil }
        sequence = number
        time = timeStart..<(timeStart + Self.timeLength)
    }

    /// Whether the line's MAC is that of its bytes. `scratch` is the caller's, to be used again.
    func isAuthentic(_ line: UnsafeRawBufferPointer, key: HS256Key, scratch: inout [UInt8]) -> Bool {
        guard let expected = Self.code(of: line[..<covered], key: key, scratch: &scratch) else { return false }
        return expected.withUnsafeBytes {
            Memory.equalInConstantTime($0, UnsafeRawBufferPointer(rebasing: line[mac]))
        }
    }

    /// The MAC of the bytes that it covers, after ``domain``, as digits.
    static func code(of bytes: some Collection<UInt8>, key: HS256Key, scratch: inout [UInt8]) -> [UInt8]? {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: domain)
        scratch.append(contentsOf: bytes)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: HS256Key.macLength) { code in
            guard let base = code.baseAddress, scratch.withUnsafeBytes({ key.authenticate($0, into: base) }) else {
                return nil
            }
            return [UInt8](unsafeUninitializedCapacity: macDigits) { digits, count in
                for index in 0..<HS256Key.macLength {
                    digits[2 * index] = Hexadecimal.character(code[index] >> 4)
                    digits[2 * index + 1] = Hexadecimal.character(code[index] & 0x0F)
                }
                count = macDigits
            }
        }
    }

    /// What the members of a line begin with that the gateway writes after a failure.
    private static let resumed = Array(#"","event":"resumed""#.utf8)

    /// The lines that this one says were refused, if it is one that the gateway wrote after a failure of the disk.
    func refused(_ line: UnsafeRawBufferPointer) -> ClosedRange<Int64>? {
        guard Self.has(Self.resumed, at: time.upperBound, line),
            let json = try? JSONReader.value(Array(line)), let first = json["refusedFrom"]?.integer,
            let last = json["refusedTo"]?.integer, first <= last, last == sequence - 1
        else { return nil }
        return first...last
    }

    private static func has(_ part: [UInt8], at index: Int, _ line: UnsafeRawBufferPointer) -> Bool {
        index >= 0 && index + part.count <= line.count && equal(part, line, from: index)
    }

    /// Whether the bytes of a part of a line are these; the part has to lie in the line.
    static func equal(_ bytes: [UInt8], _ line: UnsafeRawBufferPointer, from index: Int) -> Bool {
        guard let base = line.baseAddress else { return bytes.isEmpty }
        return memcmp(base + index, bytes, bytes.count) == 0
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
