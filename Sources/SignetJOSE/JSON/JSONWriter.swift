import SignetSystem

/// Writes JSON: members in the order of the calls, no white space, and only the escapes that RFC 8259 §7 requires.
///
/// The same calls always write the same bytes, so HS256 tokens are byte-stable.
public struct JSONWriter: ~Copyable {
    private var output: OutputBuffer
    private var needsComma = false
    /// The open objects (1) and arrays (0), the innermost in the last bit, behind a leading 1.
    private var open: UInt64 = 1
    /// Whether a bracket closed another kind, or a second value began.
    private var isBroken = false

    init(into output: consuming OutputBuffer) {
        self.output = output
    }

    /// Runs `body` with a writer, then `use` with the bytes that it wrote.
    package static func withBytes<Result, Failure: Error>(
        writing body: (inout JSONWriter) -> Void,
        use: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try OutputBuffer.withScratch { (output: consuming OutputBuffer) throws(Failure) -> Result in
            var writer = JSONWriter(into: output)
            body(&writer)
            return try writer.withBytes(use)
        }
    }

    /// Calls `use` with the bytes that were written.
    func withBytes<Result, Failure: Error>(
        _ use: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try output.withBytes(use)
    }

    /// Whether one value was written and its brackets match.
    var isComplete: Bool { open == 1 && !isBroken && !output.isEmpty }

    /// The compact text of a value.
    public static func bytes(of value: JSONValue) -> [UInt8] {
        withBytes(writing: { $0.value(value) }, use: { Array($0) })
    }

    /// The compact text of a value.
    public static func text(of value: JSONValue) -> String {
        withBytes(writing: { $0.value(value) }, use: { String(decoding: $0, as: UTF8.self) })
    }

    /// Opens an object.
    public mutating func beginObject() { opening(UInt8(ascii: "{")) }
    /// Closes the object.
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    /// Opens an array.
    public mutating func beginArray() { opening(UInt8(ascii: "[")) }
    /// Closes the array.
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// The name of the next member.
    public mutating func name(_ name: String) {
        separate()
        quoted(name)
        output.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A string.
    public mutating func string(_ value: String) {
        separate()
        quoted(value)
    }

    /// A string with `bytes` in base64url. No `String` is made of them, because they can be secret.
    package mutating func base64URL(_ bytes: UnsafeRawBufferPointer) {
        separate()
        output.append(UInt8(ascii: "\""))
        output.append(base64URL: bytes)
        output.append(UInt8(ascii: "\""))
    }

    /// An integer.
    public mutating func integer(_ value: Int64) {
        separate()
        // 20 bytes of stack, filled from the end: a time stamp needs no String.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = value.magnitude
            var first = 20
            repeat {
                first -= 1
                digits[first] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            if value < 0 { output.append(UInt8(ascii: "-")) }
            output.append(contentsOf: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(digits)[first...]))
        }
    }

    /// A boolean.
    public mutating func boolean(_ value: Bool) {
        raw(value ? "true" : "false")
    }

    /// `null`.
    public mutating func null() {
        raw("null")
    }

    /// JSON that is already encoded: one value, or `"name":` and a value.
    public mutating func encoded(_ text: [UInt8]) {
        separate()
        text.withUnsafeBytes { output.append(contentsOf: $0) }
    }

    /// A value of any kind.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .boolean(let value): boolean(value)
        case .number(let value):
            separate()
            append(value.text)
        case .string(let value): string(value)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                name(member.name)
                self.value(member.value)
            }
            endObject()
        }
    }

    // MARK: Pieces

    private mutating func opening(_ bracket: UInt8) {
        separate()
        output.append(bracket)
        needsComma = false
        if open.leadingZeroBitCount == 0 { isBroken = true }
        open = open << 1 | (bracket == UInt8(ascii: "{") ? 1 : 0)
    }

    private mutating func close(_ bracket: UInt8) {
        output.append(bracket)
        needsComma = true
        let isObject = open & 1 == 1
        if open <= 1 || isObject != (bracket == UInt8(ascii: "}")) { isBroken = true }
        open >>= 1
    }

    private mutating func separate() {
        if needsComma {
            output.append(UInt8(ascii: ","))
            if open == 1 { isBroken = true }
        }
        needsComma = true
    }

    private mutating func raw(_ text: StaticString) {
        separate()
        output.append(contentsOf: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { output.append(contentsOf: UnsafeRawBufferPointer($0)) }
    }

    private mutating func quoted(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            output.append(UInt8(ascii: "\""))
            var start = 0
            while true {
                let end = Self.firstEscape(in: bytes, from: start)
                output.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                guard end < bytes.count else { break }
                escape(bytes[end])
                start = end + 1
            }
            output.append(UInt8(ascii: "\""))
        }
    }

    /// The index of the first byte that needs an escape, or the number of bytes.
    private static func firstEscape(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        // Eight bytes at a time, while none of them is a control character, a quotation mark or a backslash.
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let found =
                hasByte(below: 0x20, word) | hasByte(below: 1, word ^ 0x2222_2222_2222_2222)
                | hasByte(below: 1, word ^ 0x5C5C_5C5C_5C5C_5C5C)
            guard found == 0 else { break }
            index += 8
        }
        while index < bytes.count, !needsEscape(bytes[index]) { index += 1 }
        return index
    }

    /// Not 0 if a byte of the word is below a limit of at most 0x80.
    private static func hasByte(below limit: UInt64, _ word: UInt64) -> UInt64 {
        (word &- limit &* 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        default:
            for digit in "u00".utf8 { output.append(digit) }
            output.append(Hexadecimal.character(byte >> 4))
            output.append(Hexadecimal.character(byte & 0x0F))
        }
    }
}

/// A growing buffer that starts on the stack. Its memory is cleansed when it is freed.
struct OutputBuffer: ~Copyable {
    private var storage: UnsafeMutableRawBufferPointer
    private var count = 0
    private var isOnHeap = false

    private init(scratch: UnsafeMutableRawBufferPointer) {
        storage = scratch
    }

    var isEmpty: Bool { count == 0 }

    deinit {
        Memory.cleanse(UnsafeMutableRawBufferPointer(rebasing: storage[..<count]))
        if isOnHeap { storage.deallocate() }
    }

    /// Calls `body` with a buffer that has its first kilobyte on the stack.
    static func withScratch<Result, Failure: Error>(
        _ body: (consuming OutputBuffer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // withUnsafeTemporaryAllocation does not carry a typed error through.
        let outcome = withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { scratch in
            Swift.Result { () throws(Failure) -> Result in try body(OutputBuffer(scratch: scratch)) }
        }
        return try outcome.get()
    }

    /// Calls `body` with the bytes, which are valid only during the call.
    func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(rebasing: storage[..<count]))
    }

    mutating func append(_ byte: UInt8) {
        if count == storage.count { grow(by: 1) }
        storage[count] = byte
        count += 1
    }

    mutating func append(contentsOf bytes: UnsafeRawBufferPointer) {
        if bytes.count > storage.count - count { grow(by: bytes.count) }
        guard let source = bytes.baseAddress, let start = storage.baseAddress else { return }
        (start + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    /// Appends `bytes` in base64url, without an intermediate copy.
    mutating func append(base64URL bytes: UnsafeRawBufferPointer) {
        let length = Base64URL.encodedLength(bytes.count)
        if length > storage.count - count { grow(by: length) }
        let free = UnsafeMutableRawBufferPointer(rebasing: storage[count...])
        count += Base64URL.encode(bytes, into: free.bindMemory(to: UInt8.self).baseAddress)
    }

    private mutating func grow(by extra: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(storage.count * 2, count + extra), alignment: 16)
        withBytes { larger.copyMemory(from: $0) }
        Memory.cleanse(UnsafeMutableRawBufferPointer(rebasing: storage[..<count]))
        if isOnHeap { storage.deallocate() }
        storage = larger
        isOnHeap = true
    }
}
