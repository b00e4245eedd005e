import SignetSystem

/// Why a text is not the strict JSON that Signet takes.
public struct JSONError: CodedError, Equatable {
    /// The kinds of fault.
    public enum Kind: String, Sendable, CaseIterable {
        /// The text breaks the grammar of RFC 8259.
        case syntax = "json-syntax"
        /// A member stands twice in one object.
        case duplicateMember = "json-duplicate-member"
        /// Arrays and objects are nested beyond the limit.
        case tooDeep = "json-too-deep"
        /// The bytes are not UTF-8.
        case invalidUTF8 = "json-invalid-utf8"
        /// A `\u` escape names half of a surrogate pair.
        case loneSurrogate = "json-lone-surrogate"
        /// An integer does not fit into 64 bits.
        case numberOutOfRange = "json-number-out-of-range"
    }

    /// The kind of fault.
    public let kind: Kind
    /// Where it stands.
    public let position: TextPosition
    /// What is wrong, without the position.
    public let fault: String
    /// What to do about it.
    public let hint: String?

    /// `json-syntax` and its like.
    public var code: String { kind.rawValue }

    /// The fault and where it stands.
    public var reason: String {
        "\(fault), at line \(position.line), column \(position.column)"
    }
}

/// A place in a text, as editors count it.
public struct TextPosition: Sendable, Hashable {
    /// The byte, counted from 0.
    public let offset: Int
    /// The line, counted from 1.
    public let line: Int
    /// The column in Unicode scalars, counted from 1.
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
