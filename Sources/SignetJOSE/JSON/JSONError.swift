import SignetSystem

/// Why a text is not strict JSON.
public struct JSONError: CodedError, Equatable {
    /// The kinds of fault.
    public enum Kind: String, Sendable, CaseIterable {
        /// The text breaks the grammar of RFC 8259.
        case syntax = "json-syntax"
        /// An object has two members of one name.
        case duplicateMember = "json-duplicate-member"
        /// Arrays and objects are nested beyond the limit.
        case tooDeep = "json-too-deep"
        /// The bytes are not UTF-8.
        case invalidUTF8 = "json-invalid-utf8"
        /// A `\u` escape is half of a surrogate pair.
        case loneSurrogate = "json-lone-surrogate"
        /// An integer does not fit into 64 bits.
        case numberOutOfRange = "json-number-out-of-range"
    }

    /// The kind of fault.
    public let kind: Kind
    /// Where the fault is.
    public let position: TextPosition
    /// What is wrong, without the position.
    public let fault: String
    /// What to do about it.
    public let hint: String?

    /// The kind's raw value: `json-syntax`.
    public var code: String { kind.rawValue }

    /// The fault and its position.
    public var reason: String {
        "\(fault), at line \(position.line), column \(position.column)"
    }
}

/// A place in a text, counted as editors do.
public struct TextPosition: Sendable, Hashable {
    /// The byte offset, from 0.
    public let offset: Int
    /// The line, from 1.
    public let line: Int
    /// The column in Unicode scalars, from 1.
    public let column: Int

    /// Finds line and column of a byte in UTF-8 text.
    public init(offset: Int, in bytes: [UInt8]) {
        self.offset = offset
        var line = 1
        var column = 1
        bytes.withUnsafeBufferPointer { bytes in
            for index in 0..<min(offset, bytes.count) {
                if bytes[index] == UInt8(ascii: "\n") {
                    line += 1
                    column = 1
                } else if bytes[index] & 0xC0 != 0x80 {
                    column += 1
                }
            }
        }
        self.line = line
        self.column = column
    }
}
