import SignetSystem

/// Parses validated UTF-8 by recursive descent, to a depth of ``JSONReader/maximumDepth``.
struct JSONParser {
    private(set) var source: [UInt8]
    let options: JSONReader.Options
    private var index = 0
    private var depth = 0
    /// Whether the value at `index` is kept. A value that is not kept has to follow the grammar, and no other rule.
    private var isRead: Bool

    init(source: [UInt8], options: JSONReader.Options) {
        self.source = source
        self.options = options
        isRead = options.readMembers == nil
    }

    mutating func document() throws(JSONError) -> JSONNode {
        if source.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw error("starts with a byte order mark", hint: "save the text as UTF-8 without one")
        }
        try skipSpace()
        let node = try value()
        try skipSpace()
        if index < source.count {
            throw error("something follows the end of the value")
        }
        return node
    }

    /// Overwrites the source. No other variable may hold the array, or a copy is overwritten and the original stays.
    mutating func cleanse() {
        source.withUnsafeMutableBytes { Memory.cleanse($0) }
    }

    // MARK: Values

    private mutating func value() throws(JSONError) -> JSONNode {
        let start = index
        guard let first = peek else { throw error("ends where a value is expected") }
        let content: JSONNode.Content
        switch first {
        case UInt8(ascii: "{"): content = try object()
        case UInt8(ascii: "["): content = try array()
        case UInt8(ascii: "\""): content = .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): content = .number(try number())
        case UInt8(ascii: "t"): content = try word("true", .boolean(true))
        case UInt8(ascii: "f"): content = try word("false", .boolean(false))
        case UInt8(ascii: "n"): content = try word("null", .null)
        default: throw error("a value is expected here")
        }
        return JSONNode(content: content, range: start..<index)
    }

    private mutating func object() throws(JSONError) -> JSONNode.Content {
        try descend()
        var members: [JSONNode.Member] = []
        var names = NameSet()
        try skipSpace()
        while peek != UInt8(ascii: "}") {
            guard peek == UInt8(ascii: "\"") else { throw error("a member name in double quotes is expected here") }
            let nameStart = index
            let name = try string()
            let nameRange = nameStart..<index
            let isChosen = depth == 1 && options.readMembers?.contains(name) ?? false
            if isRead || isChosen, !options.keepsDuplicates, !names.insert(name) {
                // The sender chose the name, so the message gives its position and does not repeat it.
                throw error("a member occurs twice in its object", kind: .duplicateMember, at: nameStart)
            }
            try skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("a colon is expected after the member name") }
            try skipSpace()
            let value =
                isChosen
                ? try chosenValue() : options.withheldMembers.contains(name) ? try withheldValue() : try value()
            if isRead || isChosen {
                members.append(JSONNode.Member(name: name, nameRange: nameRange, value: value))
            }
            try separator(before: UInt8(ascii: "}"), in: "object")
        }
        index += 1
        depth -= 1
        return .object(members)
    }

    /// The value of a member that is kept, in an object whose other members are not.
    private mutating func chosenValue() throws(JSONError) -> JSONNode {
        isRead = true
        defer { isRead = false }
        let value = try value()
        try JSONReader.checkUTF8(source, in: value.range)
        return value
    }

    private mutating func array() throws(JSONError) -> JSONNode.Content {
        try descend()
        var elements: [JSONNode] = []
        try skipSpace()
        while peek != UInt8(ascii: "]") {
            elements.append(try value())
            try separator(before: UInt8(ascii: "]"), in: "array")
        }
        index += 1
        depth -= 1
        return .array(elements)
    }

    private mutating func descend() throws(JSONError) {
        let limit = isRead ? JSONReader.maximumDepth : JSONReader.maximumUnreadDepth
        guard depth < limit else { throw error("nested deeper than \(limit) levels", kind: .tooDeep) }
        depth += 1
        index += 1
    }

    /// Reads the comma after an element, or stops before the closing bracket.
    private mutating func separator(before close: UInt8, in container: String) throws(JSONError) {
        try skipSpace()
        let comma = index
        if take(UInt8(ascii: ",")) {
            try skipSpace()
            if peek == close && !options.allowsComments {
                throw error("there is a comma before the end of the \(container)", at: comma)
            }
        } else if peek != close {
            let end = index == source.count ? "the \(container) is not closed" : "a comma is expected here"
            throw error(end)
        }
    }

    private mutating func word(
        _ word: StaticString, _ content: JSONNode.Content
    ) throws(JSONError) -> JSONNode.Content {
        let length = word.utf8CodeUnitCount
        let matches = word.withUTF8Buffer { source[index...].starts(with: $0) }
        guard matches else { throw error("a value is expected here") }
        index += length
        return content
    }

    // MARK: Numbers

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = index
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            if isDigit(peek) { throw error("a number starts with a superfluous 0", at: start) }
        } else {
            try digits()
        }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
            try digits()
        }
        let text = String(decoding: source[start..<index], as: UTF8.self)
        if isRead && isInteger && Int64(text) == nil {
            throw error("an integer does not fit into 64 bits", kind: .numberOutOfRange, at: start)
        }
        return JSONNumber(validated: text)
    }

    private mutating func digits() throws(JSONError) {
        guard isDigit(peek) else { throw error("a digit is expected here") }
        while isDigit(peek) { index += 1 }
    }

    private func isDigit(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> String {
        let open = index
        index += 1
        let start = index
        while index < source.count {
            switch source[index] {
            case UInt8(ascii: "\""):
                defer { index += 1 }
                return String(decoding: source[start..<index], as: UTF8.self)
            case UInt8(ascii: "\\"):
                return try escapedString(startingAt: start, openedAt: open)
            case 0..<0x20:
                throw error("a string contains a control character", hint: "write it as \\u00XX")
            default:
                index += 1
            }
        }
        throw error("the string is not closed", at: open)
    }

    /// A value whose string is secret and stays in the source: the node has its range and an empty text.
    private mutating func withheldValue() throws(JSONError) -> JSONNode {
        guard peek == UInt8(ascii: "\"") else { return try value() }
        let open = index
        index += 1
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return JSONNode(content: .string(""), range: open..<index)
            case UInt8(ascii: "\\"):
                throw error("key material contains an escape")
            case 0..<0x20:
                throw error("a string contains a control character")
            default:
                index += 1
            }
        }
        throw error("the string is not closed", at: open)
    }

    /// Reads a string that has an escape, from the escape on.
    private mutating func escapedString(startingAt start: Int, openedAt open: Int) throws(JSONError) -> String {
        var bytes = Array(source[start..<index])
        while index < source.count {
            let byte = source[index]
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                let scalar = try escape()
                bytes.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
            case 0..<0x20:
                throw error("a string contains a control character", hint: "write it as \\u00XX")
            default:
                bytes.append(byte)
                index += 1
            }
        }
        throw error("the string is not closed", at: open)
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let start = index
        index += 1
        guard let byte = peek else { throw error("the string is not closed", at: start) }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape(from: start)
        default: throw error("this escape is not valid in JSON", at: start)
        }
    }

    private mutating func unicodeEscape(from start: Int) throws(JSONError) -> Unicode.Scalar {
        let unit = try hexadecimal(from: start)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let end = index
        if UTF16.isLeadSurrogate(unit), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let trail = try hexadecimal(from: start)
            if UTF16.isTrailSurrogate(trail) {
                let value = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(trail) - 0xDC00)
                return Unicode.Scalar(value).unsafelyUnwrapped
            }
        }
        if !isRead {
            index = end
            return "\u{FFFD}"
        }
        throw error("an escape names half of a surrogate pair", kind: .loneSurrogate, at: start)
    }

    private mutating func hexadecimal(from start: Int) throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Hexadecimal.digit(byte) else {
                throw error("\\u needs four hexadecimal digits", at: start)
            }
            value = value << 4 | UInt16(digit)
            index += 1
        }
        return value
    }

    // MARK: Space and comments

    private mutating func skipSpace() throws(JSONError) {
        while let byte = peek {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            case UInt8(ascii: "/") where options.allowsComments: try comment()
            default: return
            }
        }
    }

    private mutating func comment() throws(JSONError) {
        let start = index
        index += 1
        if take(UInt8(ascii: "/")) {
            while let byte = peek, byte != UInt8(ascii: "\n") { index += 1 }
        } else if take(UInt8(ascii: "*")) {
            while index < source.count {
                if source[index...].starts(with: [UInt8(ascii: "*"), UInt8(ascii: "/")]) {
                    index += 2
                    return
                }
                index += 1
            }
            throw error("the comment is not closed", at: start)
        } else {
            throw error("a value is expected here", at: start)
        }
    }

    // MARK: Bytes

    private var peek: UInt8? {
        index < source.count ? source[index] : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        index += 1
        return true
    }

    private func error(
        _ fault: String, kind: JSONError.Kind = .syntax, at offset: Int? = nil, hint: String? = nil
    ) -> JSONError {
        let position = TextPosition(offset: offset ?? index, in: source)
        return JSONError(kind: kind, position: position, fault: fault, hint: hint)
    }
}

/// The member names of one object. Up to eight are compared one by one, more are hashed.
struct NameSet {
    private var few: [String] = []
    private var many: Set<ByteString> = []
    private static let fewLimit = 8

    /// Adds a name, and returns whether it is new.
    mutating func insert(_ name: String) -> Bool {
        if many.isEmpty {
            if few.contains(where: name.hasSameBytes) { return false }
            if few.count < Self.fewLimit {
                few.append(name)
                return true
            }
            many = Set(few.map(ByteString.init))
        }
        return many.insert(ByteString(name)).inserted
    }
}
